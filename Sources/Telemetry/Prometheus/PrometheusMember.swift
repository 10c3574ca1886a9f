// The remembered series of one metric, which a later scrape writes without encoding labels again.

/// A metric within a family, with the beginnings of the lines of its series.
final class PrometheusMember {
    let descriptor: MetricDescriptor
    let type: PrometheusFamilyType
    let isExponential: Bool
    /// What stands on all samples of the metric: labels of its scope and of the resource.
    let commonLabels: [PrometheusLabel]

    /// In the order of the latest scrape; they are kept so that no other series can have the place of one in memory.
    private(set) var series: [Series] = []
    /// The boundaries or shares for which the lines of each series were made; empty when its points have none.
    private(set) var bounds: [[Double]] = []
    /// All beginnings of lines one after another, and where each ends.
    private(set) var bytes: [UInt8] = []
    private(set) var ends: [Int] = []

    init(descriptor: MetricDescriptor, type: PrometheusFamilyType, isExponential: Bool, commonLabels: [PrometheusLabel]) {
        self.descriptor = descriptor
        self.type = type
        self.isExponential = isExponential
        self.commonLabels = commonLabels
    }

    func forgetSeries() {
        series.removeAll(keepingCapacity: true)
        bounds.removeAll(keepingCapacity: true)
        bytes.removeAll(keepingCapacity: true)
        ends.removeAll(keepingCapacity: true)
    }

    /// Adds a series with the beginnings of its lines; those of a series that is left out are empty.
    func append(_ series: Series, bounds: [Double], beginnings: [[UInt8]]) {
        self.series.append(series)
        self.bounds.append(bounds)
        for beginning in beginnings {
            bytes += beginning
            ends.append(bytes.count)
        }
    }

    /// In protobuf: the labels of a series, after a byte that is there unless the series is left out; nil when it is.
    func encodedLabels(_ place: Int) -> ArraySlice<UInt8>? {
        let start = place == 0 ? 0 : ends[place - 1]
        return start < ends[place] ? bytes[(start + 1)..<ends[place]] : nil
    }

    /// Whether the remembered series are the first ones of the points, in their order.
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
