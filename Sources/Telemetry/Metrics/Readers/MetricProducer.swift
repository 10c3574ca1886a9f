// The extension point for metrics that no instrument of the SDK records.

/// A source of metrics beside the instruments of the SDK: another library's, or the system's.
///
/// (Specification: metrics SDK, "MetricProducer".)
public protocol MetricProducer: Sendable {
    /// Returns what there is now; what the filter leaves out need not be made.
    func produce(filter: (any MetricFilter)?, deadline: Deadline) throws -> [ScopeMetrics]
}
