// When a connection is tried again.

/// The waits between attempts to connect: each is twice as long as the one before, up to a second.
struct PostgreSQLBackoff {
    private static let first: UInt64 = 20_000_000
    private static let longest: UInt64 = 1_000_000_000

    private(set) var failures = 0
    /// The earliest time of the next attempt, in monotonic nanoseconds.
    private(set) var nextAttempt: UInt64 = 0

    mutating func fail(at now: UInt64) {
        nextAttempt = now + min(Self.first << UInt64(min(failures, 10)), Self.longest)
        failures += 1
    }

    mutating func succeed() {
        failures = 0
        nextAttempt = 0
    }
}
