// The setting of `OTEL_METRICS_EXEMPLAR_FILTER`.

/// Selects the measurements that may become exemplars. (Specification: metrics SDK, "ExemplarFilter".)
public enum ExemplarFilter: String, Sendable, Hashable, CaseIterable {
    /// All measurements.
    case alwaysOn = "always_on"
    /// No measurements; exemplars then cost nothing.
    case alwaysOff = "always_off"
    /// Measurements that are recorded in a sampled span.
    case traceBased = "trace_based"
}
