// The arithmetic of a token bucket, without a clock of its own.

/// Lets requests pass at a steady rate, and a burst of them after a pause.
///
/// The bucket is kept as the time at which it would be full again, so that nothing has to be added as time passes. (The generic cell rate
/// algorithm of ITU-T I.371.)
package struct TokenBucket: Sendable {
    let nanosecondsPerToken: Int64
    /// How long an empty bucket takes to be full.
    let nanosecondsToFill: Int64
    private var fullAt: Int64 = 0

    /// - Parameters:
    ///   - rate: the tokens that are added in a second.
    ///   - burst: the tokens that a full bucket holds.
    package init(rate: Int, burst: Int) {
        precondition((1...1_000_000).contains(rate) && (1...1_000_000).contains(burst), "A bucket holds and gets up to a million tokens.")
        nanosecondsPerToken = 1_000_000_000 / Int64(rate)
        nanosecondsToFill = nanosecondsPerToken * Int64(burst)
    }

    /// Takes a token and returns nil, or returns the nanoseconds until there will be one.
    package mutating func take(at now: Int64) -> Int64? {
        let next = max(fullAt, now) + nanosecondsPerToken
        let excess = next - now - nanosecondsToFill
        guard excess <= 0 else { return excess }
        fullAt = next
        return nil
    }
}
