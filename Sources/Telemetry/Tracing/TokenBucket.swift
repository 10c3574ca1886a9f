// The rate limit of Jaeger strategies.

/// Admits a number of traces a second, and saves unused tokens for one second at most.
///
/// The caller passes the time, so that it needs no clock. A rate below one saves up a single token: one in a minute is let
/// through as soon as the minute is over. A rate of zero lets nothing through.
struct TokenBucket: Sendable, Hashable {
    private(set) var ratePerSecond: Double
    private var tokens: Double
    private var nanoseconds: UInt64

    /// A full bucket.
    init(ratePerSecond: Double, nanoseconds: UInt64) {
        self.ratePerSecond = ratePerSecond
        self.nanoseconds = nanoseconds
        tokens = Self.capacity(ratePerSecond)
    }

    /// Takes a token; returns false if there is none.
    mutating func take(nanoseconds now: UInt64) -> Bool {
        fill(now)
        guard tokens >= 1 else { return false }
        tokens -= 1
        return true
    }

    /// Changes the rate; the tokens saved so far stay.
    mutating func setRate(_ rate: Double, nanoseconds now: UInt64) {
        fill(now)
        ratePerSecond = rate
        tokens = min(tokens, Self.capacity(rate))
    }

    private mutating func fill(_ now: UInt64) {
        // Two threads may read the clock in one order and come here in the other.
        guard now > nanoseconds else { return }
        tokens = min(Self.capacity(ratePerSecond), tokens + Double(now - nanoseconds) * 1e-9 * ratePerSecond)
        nanoseconds = now
    }

    private static func capacity(_ rate: Double) -> Double { rate > 0 ? max(1, rate) : 0 }
}
