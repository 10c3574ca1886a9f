// Groups the metrics of a batch by instrumentation scope.

/// The metrics of one instrumentation scope.
public struct ScopeMetrics: Sendable {
    /// The encoded scope; nil if the metrics come from a metric producer.
    let recordedScope: RecordedScope?
    public let instrumentationScope: InstrumentationScope
    public internal(set) var metrics: [MetricData]

    init(recordedScope: RecordedScope, metrics: [MetricData]) {
        self.recordedScope = recordedScope
        instrumentationScope = recordedScope.scope
        self.metrics = metrics
    }

    public init(instrumentationScope: InstrumentationScope, metrics: [MetricData]) {
        recordedScope = nil
        self.instrumentationScope = instrumentationScope
        self.metrics = metrics
    }
}
