// Caches the rendered labels of one metric's series between scrapes.

/// A metric of a family, with the cached line beginnings of its series.
final class PrometheusMember {
    let descriptor: MetricDescriptor
    let type: PrometheusFamilyType
    /// The labels of the scope and of the resource, which all samples have.
    let commonLabels: [PrometheusLabel]

    /// The series in the order of the latest scrape; held strongly, so that identity comparisons are safe.
    private(set) var series: [Series] = []
    /// The boundaries or quantiles of each series' cached lines; empty if its points have none.
    private(set) var bounds: [[Double]] = []
    /// All line beginnings one after another, and the end of each.
    private(set) var bytes: [UInt8] = []
    private(set) var ends: [Int] = []
    /// The lines of the latest page in the text format.
    var keptLines = PrometheusKeptLines()

    init(descriptor: MetricDescriptor, type: PrometheusFamilyType, commonLabels: [PrometheusLabel]) {
        self.descriptor = descriptor
        self.type = type
        self.commonLabels = commonLabels
    }

    func removeSeries() {
        series.removeAll(keepingCapacity: true)
        bounds.removeAll(keepingCapacity: true)
        bytes.removeAll(keepingCapacity: true)
        ends.removeAll(keepingCapacity: true)
        keptLines = PrometheusKeptLines()
    }

    /// Adds a series with its line beginnings, which are empty if the series is dropped.
    func append(_ series: Series, bounds: [Double], beginnings: [[UInt8]]) {
        self.series.append(series)
        self.bounds.append(bounds)
        for beginning in beginnings {
            bytes += beginning
            ends.append(bytes.count)
        }
    }

    /// Returns the protobuf labels of a series; nil if it is dropped. A marker byte before them tells the cases apart.
    func encodedLabels(_ place: Int) -> ArraySlice<UInt8>? {
        let start = place == 0 ? 0 : ends[place - 1]
        return start < ends[place] ? bytes[(start + 1)..<ends[place]] : nil
    }

    /// Returns whether the points begin with the cached series, in the same order and with the same bounds.
    func isPrefix<Point: PrometheusPoint>(of points: [Point]) -> Bool {
        guard series.count <= points.count else { return false }
        return points.withUnsafeBufferPointer { points in
            for place in series.indices {
                guard points[place].series === series[place] else { return false }
                guard !Point.hasBounds || points[place].bounds == bounds[place] else { return false }
            }
            return true
        }
    }
}
