// The extension point that keeps metrics and series out of a collection.

/// Leaves out metrics or series before they are aggregated for a reader. (Specification: metrics SDK, "MetricFilter".)
public protocol MetricFilter: Sendable {
    /// Whether a metric is wanted, asked once for each collection.
    func verdict(on metric: MetricIdentity) -> MetricFilterVerdict

    /// Whether one series of a metric is wanted, asked for metrics that are wanted in part.
    func accepts(_ attributes: Attributes, of metric: MetricIdentity) -> Bool
}

extension MetricFilter {
    public func accepts(_ attributes: Attributes, of metric: MetricIdentity) -> Bool { true }
}

/// What a filter is told of a metric.
public struct MetricIdentity: Sendable, Hashable {
    public let instrumentationScope: InstrumentationScope
    public let name: String
    public let kind: InstrumentKind?
    public let unit: String

    /// - Parameter kind: nil for metrics that no instrument of the SDK has made.
    public init(instrumentationScope: InstrumentationScope, name: String, kind: InstrumentKind?, unit: String) {
        self.instrumentationScope = instrumentationScope
        self.name = name
        self.kind = kind
        self.unit = unit
    }
}

/// What a filter wants of a metric.
public enum MetricFilterVerdict: Sendable, Hashable {
    case accept
    case drop
    /// Some series: each is asked for.
    case acceptPartly
}
