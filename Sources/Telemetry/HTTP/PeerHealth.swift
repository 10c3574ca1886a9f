// The record of one peer's failures.

/// Tells whether a peer is left for a while because of its failures.
struct PeerHealth: Sendable, Equatable {
    /// The failures since the last success.
    private(set) var failures = 0
    private(set) var leftUntil: UInt64 = 0

    func isLeft(at now: UInt64) -> Bool { now < leftUntil }

    /// Leaves the peer for a while, twice as long as the last time.
    ///
    /// - Parameters:
    ///   - requested: how long the peer has asked to be left, at most an hour.
    ///   - fraction: a random number from 0 to 1 that spreads many clients over the upper half of the time.
    mutating func fail(at now: UInt64, _ policy: AddressPolicy, requested: Duration? = nil, fraction: Double) {
        // As numbers, since multiplying a duration traps if the product is too long for one.
        var backoff = Double(policy.initialBackoff.saturatedNanoseconds)
        let maximum = Double(policy.maximumBackoff.saturatedNanoseconds)
        for _ in 0..<min(failures, 64) { backoff = min(backoff * 2, maximum) }
        failures = min(failures + 1, 64)
        let spread = Duration.nanoseconds(Int64(exactly: (backoff * (0.5 + 0.5 * max(0, min(1, fraction)))).rounded()) ?? .max)
        leftUntil = Deadline(nanoseconds: now).advanced(by: max(spread, min(requested ?? .zero, .seconds(3600)))).nanoseconds
    }

    mutating func succeed() { self = PeerHealth() }
}
