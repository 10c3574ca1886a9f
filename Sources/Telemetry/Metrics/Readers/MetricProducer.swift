// A protocol for metrics that no instrument of the SDK records.

/// Supplies metrics of another library or of the system.
///
/// (Specification: metrics SDK, "MetricProducer".)
public protocol MetricProducer: Sendable {
    /// Returns the current metrics; may leave out those that the filter drops.
    func produce(filter: (any MetricFilter)?, deadline: Deadline) throws -> [ScopeMetrics]
}
