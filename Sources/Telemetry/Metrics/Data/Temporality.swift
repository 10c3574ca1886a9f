// Numbers are those of OTLP's `AggregationTemporality`.

/// Whether a point counts from the start of its series or from the point before it.
public enum Temporality: Int, Sendable, Hashable {
    /// The point covers the time since the last collection. (OTLP: 1.)
    case delta = 1
    /// The point covers the time since the start of the series. (OTLP: 2.)
    case cumulative = 2
}
