// Lets so many through in a second.

/// Lets so many through in a second, and saves up what is not used, for one second at most.
///
/// It is told the time, so that it needs no clock. A rate below one saves up a single token: one in a minute is let
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

    /// Lets one through, if there is a token for it.
    mutating func take(nanoseconds now: UInt64) -> Bool {
        fill(now)
        guard tokens >= 1 else { return false }
        tokens -= 1
        return true
    }

    /// Goes on with what was saved up at another rate.
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
