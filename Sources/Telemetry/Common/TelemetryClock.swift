// The clock of a telemetry system: that of the host, or a manual one for tests.

/// Where the SDK reads the time.
public struct TelemetryClock: Sendable {
    /// The manual clock, or nil for the system's: a nil check is the whole cost on the hot path.
    let manual: ManualClock?
    /// Freed by the manual clock; never freed for the system's.
    let latest: LatestAnchor
    /// The monotonic clock by the cycle counter; nil where there is none, and for manual clocks.
    private let cycles: CycleClock?

    /// The clocks of the operating system, read by the processor's cycle counter where the kernel itself relies on it.
    ///
    /// Such a reading stays within a microsecond of the kernel's clock and takes less than half of the time. Elsewhere it is the same as
    /// ``kernel``, which `OTEL_SWIFT_KERNEL_CLOCK=true` chooses too.
    public static let system = TelemetryClock(manual: nil, latest: LatestAnchor(), cycles: CycleClock.shared)

    /// The clocks of the operating system, each reading by a call of its own.
    public static let kernel = TelemetryClock(manual: nil, latest: LatestAnchor(), cycles: nil)

    /// The clock without the cycle counter; a manual clock itself.
    var withoutCycleCounter: TelemetryClock { manual == nil ? .kernel : self }

    var readsCycleCounter: Bool { cycles != nil }

    /// What the clock reads, for diagnostics.
    var source: String { manual != nil ? "a manual clock" : readsCycleCounter ? "the processor's cycle counter" : "the kernel's clock" }

    /// A clock that changes only when it is advanced; for tests.
    public static func manual(_ clock: ManualClock) -> TelemetryClock {
        TelemetryClock(manual: clock, latest: clock.latest, cycles: nil)
    }

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

    /// The monotonic time for what is recorded, which never steps back on a thread.
    ///
    /// Within a microsecond of ``monotonicNanoseconds()``, which schedules and deadlines use. It may be some ten nanoseconds less than an
    /// earlier reading on another thread.
    @inline(__always)
    func recordingNanoseconds() -> UInt64 { cycles?.nanoseconds() ?? monotonicNanoseconds() }
}
