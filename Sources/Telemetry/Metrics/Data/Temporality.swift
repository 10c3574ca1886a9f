// The two OTLP aggregation temporalities that the SDK exports.

/// Whether a point tells what happened since the beginning, or since the point before.
public enum Temporality: Int, Sendable, Hashable {
    /// Since the last collection. (OTLP: 1.)
    case delta = 1
    /// Since the start of the series. (OTLP: 2.)
    case cumulative = 2
}
