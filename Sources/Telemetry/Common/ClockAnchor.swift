// Hot: converts monotonic to wall time, so that a step of the wall clock changes no duration.

/// Wall time minus monotonic time, in nanoseconds: converts monotonic times to wall times.
///
/// A trace keeps the anchor of its first local span, so that setting the wall clock, a leap second or a suspended machine change neither
/// a duration nor the order of spans and events. On Linux the difference changes by those three only: NTP slews both
/// clocks alike.
struct ClockAnchor: Sendable, Equatable {
    /// Modulo 2^64, since the wall clock may be set to less than the time since boot.
    let offset: UInt64

    /// No anchor: an offset that no machine has, since its wall clock would show one nanosecond less than the time since boot.
    static let none = ClockAnchor(offset: .max)

    /// Returns the wall time of a monotonic time, in nanoseconds.
    @inline(__always)
    func wallNanoseconds(_ monotonic: UInt64) -> UInt64 { monotonic &+ offset }

    /// Returns the anchor after the wall clock was read between two readings of the monotonic clock.
    ///
    /// An anchor that the readings allow is kept, so that it changes with steps of the wall clock and not with the duration of a reading.
    func renewed(wall: UInt64, after earlier: UInt64, before later: UInt64) -> ClockAnchor {
        let (least, width) = (wall &- later, later &- earlier)
        return offset &- least <= width ? self : ClockAnchor(offset: least &+ width / 2)
    }

    /// Returns the distance of a wall time from that of a monotonic time, in nanoseconds.
    func distance(from wall: UInt64, at monotonic: UInt64) -> UInt64 {
        let own = wallNanoseconds(monotonic)
        return own > wall ? own - wall : wall - own
    }
}
