// Makes the points of all aggregations uniform for the renderer.

/// The properties that the points of all aggregations share.
protocol PrometheusPoint {
    var series: Series { get }
    /// The values of `le` or `quantile`.
    var bounds: [Double] { get }
    /// Whether the bounds are valid in a page.
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
