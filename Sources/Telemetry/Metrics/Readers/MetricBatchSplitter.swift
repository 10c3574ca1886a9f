// Keeps exports within `maxExportBatchSize`.

/// Splits a batch into batches of at most `limit` points: full ones, and one with the rest.
///
/// The points of a metric may be split. (Specification: metrics SDK, "Periodic exporting MetricReader", `maxExportBatchSize`.)
struct MetricBatchSplitter: Sequence, IteratorProtocol {
    private let batch: MetricBatch
    private let limit: Int
    /// The start of the next batch: indices of the scope, of its metric, and of the metric's point.
    private var scope = 0
    private var metric = 0
    private var point = 0

    /// - Parameter limit: the points of one batch, at least 1; nil for all points in one.
    init(_ batch: MetricBatch, atMost limit: Int?) {
        self.batch = batch
        self.limit = Swift.max(1, limit ?? .max)
    }

    mutating func next() -> MetricBatch? {
        var result = MetricBatch(recordedResource: batch.recordedResource, scopes: [])
        var room = limit
        while room > 0, let part = takeScope(&room) { result.scopes.append(part) }
        return result.scopes.isEmpty ? nil : result
    }

    /// Takes the next points of one scope, up to `room`; nil if there are no more.
    private mutating func takeScope(_ room: inout Int) -> ScopeMetrics? {
        while scope < batch.scopes.count {
            var part = batch.scopes[scope]
            let metrics = part.metrics
            part.metrics = []
            while room > 0, metric < metrics.count {
                let points = metrics[metric].points
                let end = point + Swift.min(room, points.count - point)
                if end > point {
                    part.metrics.append(MetricData(descriptor: metrics[metric].descriptor, points: points[point..<end]))
                    room -= end - point
                }
                point = end
                if point == points.count { (metric, point) = (metric + 1, 0) }
            }
            if metric == metrics.count { (scope, metric) = (scope + 1, 0) }
            if !part.metrics.isEmpty { return part }
        }
        return nil
    }
}

extension MetricPoints {
    /// Returns a range of the points, with the same temporality and monotonicity.
    fileprivate subscript(range: Range<Int>) -> MetricPoints {
        guard range.count < count else { return self }
        return switch self {
        case .gauge(let points): .gauge(Array(points[range]))
        case .sum(let points, let temporality, let isMonotonic):
            .sum(Array(points[range]), temporality: temporality, isMonotonic: isMonotonic)
        case .histogram(let points, let temporality): .histogram(Array(points[range]), temporality: temporality)
        case .exponentialHistogram(let points, let temporality): .exponentialHistogram(Array(points[range]), temporality: temporality)
        case .summary(let points): .summary(Array(points[range]))
        }
    }
}
