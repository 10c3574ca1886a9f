// A protocol that keeps metrics and series out of a collection.

/// Leaves metrics or series out of a reader's collections.
///
/// (Specification: metrics SDK, "MetricFilter".)
public protocol MetricFilter: Sendable {
    /// Returns whether to collect a metric; called once for each collection.
    func verdict(on metric: MetricIdentity) -> MetricFilterVerdict

    /// Returns whether to collect one series of a metric whose verdict is `acceptPartly`.
    func accepts(_ attributes: Attributes, of metric: MetricIdentity) -> Bool
}

extension MetricFilter {
    public func accepts(_ attributes: Attributes, of metric: MetricIdentity) -> Bool { true }
}

/// The properties of a metric that a filter can test.
public struct MetricIdentity: Sendable, Hashable {
    public let instrumentationScope: InstrumentationScope
    public let name: String
    public let kind: InstrumentKind?
    public let unit: String

    /// - Parameter kind: nil for metrics of a metric producer.
    public init(instrumentationScope: InstrumentationScope, name: String, kind: InstrumentKind?, unit: String) {
        self.instrumentationScope = instrumentationScope
        self.name = name
        self.kind = kind
        self.unit = unit
    }
}

/// The verdict of a filter on a metric.
public enum MetricFilterVerdict: Sendable, Hashable {
    case accept
    case drop
    /// Collects some series: the filter is called for each.
    case acceptPartly
}
