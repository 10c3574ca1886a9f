// Name-value pairs that travel with a request: W3C baggage.

/// Name-value pairs that travel with a request, immutable and case-sensitive.
public struct Baggage: Sendable, Hashable {
    /// No entries.
    public static let empty = Baggage()
}
