// The clock of a telemetry system: that of the host, or a manual one for tests.

/// Where the SDK reads the time.
public struct TelemetryClock: Sendable {
    /// The manual clock, or nil for the system's: a nil check is the whole cost on the hot path.
    let manual: ManualClock?
    /// Freed by the manual clock; never freed for the system's.
    let latest: LatestAnchor

    /// The clocks of the operating system.
    public static let system = TelemetryClock(manual: nil, latest: LatestAnchor())

    /// A clock that changes only when it is advanced; for tests.
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
