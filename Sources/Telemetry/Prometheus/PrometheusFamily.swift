// Families: all samples of one name, with what is remembered of them from scrape to scrape.

/// A family of a page: its comments, and the metrics that are told under its name, each with its remembered series.
///
/// One renderer uses it, on one thread at a time.
final class PrometheusFamily {
    let name: PrometheusName
    /// The lines before the samples, or in protobuf the fields before them.
    let header: [UInt8]
    private(set) var members: [PrometheusMember] = []
    /// The labels of all series by their hashes. (64 bits, with a seed of the process: two different ones do not meet in practice.)
    private var knownLabels: Set<Int> = []

    init(name: PrometheusName, header: [UInt8]) {
        self.name = name
        self.header = header
    }

    func append(_ member: PrometheusMember) {
        members.append(member)
    }

    /// Whether no other series of the family has these labels so far. Empty labels are as none to Prometheus.
    func admit(_ labels: [(name: String, value: String)]) -> Bool {
        var hasher = Hasher()
        for label in labels where !label.value.isEmpty {
            hasher.combine(ExactText(label.name))
            hasher.combine(ExactText(label.value))
        }
        return knownLabels.insert(hasher.finalize()).inserted
    }

    /// Forgets all series.
    func forgetSeries() {
        knownLabels.removeAll(keepingCapacity: true)
        for member in members { member.forgetSeries() }
    }
}

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

    fileprivate func forgetSeries() {
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
}

/// What all points have in common that tell of a series.
protocol PrometheusPoint {
    var series: Series { get }
    /// The numbers that stand in the lines' labels.
    var bounds: [Double] { get }
    /// Whether the bounds can be written.
    var hasValidBounds: Bool { get }
    static var hasBounds: Bool { get }
}

extension PrometheusPoint {
    var bounds: [Double] { [] }
    var hasValidBounds: Bool { true }
    static var hasBounds: Bool { false }
}

extension NumberPoint: PrometheusPoint {}
extension ExponentialHistogramPoint: PrometheusPoint {}

extension HistogramPoint: PrometheusPoint {
    var bounds: [Double] { boundaries }
    var hasValidBounds: Bool {
        Aggregation.areValid(boundaries) && bucketCounts.count == boundaries.count + 1
    }
    static var hasBounds: Bool { true }
}

extension SummaryPoint: PrometheusPoint {
    var bounds: [Double] { quantiles.map(\.share) }
    var hasValidBounds: Bool { Set(bounds).count == quantiles.count && bounds.allSatisfy { (0...1).contains($0) } }
    static var hasBounds: Bool { true }
}

extension PrometheusMember {
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
