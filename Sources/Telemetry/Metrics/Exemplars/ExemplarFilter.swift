// Which measurements may become exemplars.

/// Which measurements may become exemplars. (Specification: metrics SDK, "ExemplarFilter".)
public enum ExemplarFilter: String, Sendable, Hashable, CaseIterable {
    /// All of them.
    case alwaysOn = "always_on"
    /// None; then exemplars cost nothing.
    case alwaysOff = "always_off"
    /// Those made in a sampled span.
    case traceBased = "trace_based"
}
