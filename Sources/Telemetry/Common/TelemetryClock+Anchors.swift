// Hot: chooses the anchor by which a span turns monotonic times into wall times.

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
