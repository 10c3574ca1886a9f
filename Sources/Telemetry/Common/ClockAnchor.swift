// Hot: makes wall time of monotonic time, so that a step of the wall clock changes no duration.

/// Wall time minus monotonic time, in nanoseconds: added to a monotonic time it makes wall time.
///
/// A trace keeps the anchor that its first local span started with. Setting the wall clock, a leap second or a suspended machine then
/// change neither a duration nor the order of spans and events. On Linux the difference changes by those three only: NTP slews both
/// clocks alike.
struct ClockAnchor: Sendable, Equatable {
    /// Modulo 2^64, since the wall clock may show less than the machine has been running.
    let offset: UInt64

    /// No anchor; an offset that no machine has: its wall clock would be one nanosecond short of the time since it was started.
    static let none = ClockAnchor(offset: .max)

    /// The wall time of a monotonic time, in nanoseconds.
    @inline(__always)
    func wallNanoseconds(_ monotonic: UInt64) -> UInt64 { monotonic &+ offset }

    /// The anchor after the wall clock was read between two readings of the monotonic clock.
    ///
    /// It stays the same if it is possible by that reading, so that it changes by steps of the wall clock and not by how long a reading took.
    func renewed(wall: UInt64, after earlier: UInt64, before later: UInt64) -> ClockAnchor {
        let (least, width) = (wall &- later, later &- earlier)
        return offset &- least <= width ? self : ClockAnchor(offset: least &+ width / 2)
    }

    /// How far a wall time is from the wall time of a monotonic time, in nanoseconds.
    func distance(from wall: UInt64, at monotonic: UInt64) -> UInt64 {
        let own = wallNanoseconds(monotonic)
        return own > wall ? own - wall : wall - own
    }
}
