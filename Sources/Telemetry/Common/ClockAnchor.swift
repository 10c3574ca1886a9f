// Hot: makes wall time of monotonic time, so that a step of the wall clock changes no duration.

import Synchronization

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
    fileprivate func distance(from wall: UInt64, at monotonic: UInt64) -> UInt64 {
        let own = wallNanoseconds(monotonic)
        return own > wall ? own - wall : wall - own
    }
}

/// The latest anchor of a clock, and until when it is used.
///
/// Alone on its cache lines: each root span reads it, and it is written ten times a second at most, or as often as threads meet at the
/// end of its time. `@unchecked`: the pointer is constant, and only atomics lie behind it.
struct LatestAnchor: @unchecked Sendable {
    /// How long an anchor is used before the wall clock is read again. A step of the wall clock is seen that late at most.
    static let lifetime: UInt64 = 100_000_000

    private let numbers: UnsafeMutablePointer<Atomic<UInt64>>

    init() {
        // Two cache lines, which are fetched together.
        numbers = UnsafeMutableRawPointer.allocate(byteCount: 128, alignment: 128).bindMemory(to: Atomic<UInt64>.self, capacity: 2)
        // An anchor whose time is over: the first reader makes one.
        numbers.initialize(to: Atomic(0))
        (numbers + 1).initialize(to: Atomic(0))
    }

    func deallocate() { numbers.deallocate() }

    /// The anchor, or nil when its time is over.
    @inline(__always)
    func value(at monotonic: UInt64) -> ClockAnchor? {
        // Acquiring: a thread that sees the new end also sees the anchor that was stored before it.
        monotonic < numbers[1].load(ordering: .acquiring) ? stored : nil
    }

    @inline(__always)
    private var stored: ClockAnchor { ClockAnchor(offset: numbers[0].load(ordering: .relaxed)) }

    /// Takes a reading of both clocks. Several threads may do so at once: each stores what is possible by its own reading.
    func renew(wall: UInt64, after earlier: UInt64, before later: UInt64) -> ClockAnchor {
        let anchor = stored.renewed(wall: wall, after: earlier, before: later)
        numbers[0].store(anchor.offset, ordering: .relaxed)
        numbers[1].store(later &+ Self.lifetime, ordering: .releasing)
        return anchor
    }
}

extension TelemetryClock {
    /// The anchor for what starts at a monotonic time; reads the wall clock only where the latest anchor is too old.
    @inline(__always)
    func anchor(at monotonic: UInt64) -> ClockAnchor { latest.value(at: monotonic) ?? renewedAnchor() }

    /// Reads both clocks, and makes what comes of it the latest anchor.
    @inline(never) @discardableResult
    func renewedAnchor() -> ClockAnchor {
        let earlier = monotonicNanoseconds()
        let wall = wallNanoseconds()
        return latest.renew(wall: wall, after: earlier, before: monotonicNanoseconds())
    }

    /// Renews the anchor in good time, for threads that record nothing: those that do then find a new one.
    func renewAnchor(at monotonic: UInt64) {
        if latest.value(at: monotonic &+ LatestAnchor.lifetime / 2) == nil { renewedAnchor() }
    }

    /// The anchor that fits a wall time which a program has read: its own, or the present one where the wall clock has been set since.
    ///
    /// A time belongs to the one whose present it lies nearer to.
    func anchor(fitting wall: UInt64, at monotonic: UInt64, own: ClockAnchor) -> ClockAnchor {
        let distance = own.distance(from: wall, at: monotonic)
        // Most times were read just now, and need no reading of the wall clock.
        guard distance > Self.leastStep else { return own }
        let present = renewedAnchor()
        return present.distance(from: wall, at: monotonic) < distance - Self.leastStep ? present : own
    }

    /// A wall time that was read just now, as a time made with an anchor: changed only where the wall clock has been set since.
    ///
    /// A time that lies more than a second away from the present was given by the program, and stays as it is.
    func wallNanoseconds(ofReading wall: UInt64, at monotonic: UInt64, own: ClockAnchor) -> UInt64 {
        let fitting = anchor(fitting: wall, at: monotonic, own: own)
        guard fitting != own, fitting.distance(from: wall, at: monotonic) <= 1_000_000_000 else { return wall }
        return wall &- fitting.offset &+ own.offset
    }

    /// A step of the wall clock by less, in nanoseconds, is not looked for in times that are given.
    static let leastStep: UInt64 = 1_000_000
}
