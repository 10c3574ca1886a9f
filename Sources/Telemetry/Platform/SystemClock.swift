// Hot: the only calls of `clock_gettime` on the paths of spans and measurements.

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The clocks of the operating system, in nanoseconds.
package enum SystemClock {
    /// Nanoseconds since 1970-01-01T00:00:00Z, by the wall clock of the host; may step backwards.
    static func wallNanoseconds() -> UInt64 { read(CLOCK_REALTIME) }

    /// Nanoseconds since an arbitrary point; never steps backwards.
    package static func monotonicNanoseconds() -> UInt64 { read(CLOCK_MONOTONIC) }

    @inline(__always)
    private static func read(_ clock: clockid_t) -> UInt64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return UInt64(bitPattern: Int64(time.tv_sec)) &* 1_000_000_000 &+ UInt64(bitPattern: Int64(time.tv_nsec))
    }
}
