// Where the SDK reads the time: the system, or a clock that a test moves by hand.

/// Where the SDK reads the time.
public struct TelemetryClock: Sendable {
    /// The hand-moved clock, or nil for the system's: a nil check is all that the hot path pays.
    let manual: ManualClock?
    /// Kept by the manual clock, or for ever.
    let latest: LatestAnchor

    /// The clocks of the operating system.
    public static let system = TelemetryClock(manual: nil, latest: LatestAnchor())

    /// A clock that stands still until it is moved; for tests.
    public static func manual(_ clock: ManualClock) -> TelemetryClock { TelemetryClock(manual: clock, latest: clock.latest) }

    /// The wall-clock time.
    public var now: Timestamp { Timestamp(nanosecondsSinceEpoch: wallNanoseconds()) }

    @inline(__always)
    func wallNanoseconds() -> UInt64 {
        manual == nil ? SystemClock.wallNanoseconds() : manual!.wallNanoseconds()
    }

    /// Nanoseconds that never step backwards: for intervals and schedules.
    @inline(__always)
    func monotonicNanoseconds() -> UInt64 {
        manual == nil ? SystemClock.monotonicNanoseconds() : manual!.monotonicNanoseconds()
    }
}
