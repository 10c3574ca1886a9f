// Hot: chooses the anchor by which a span turns monotonic times into wall times.

extension TelemetryClock {
    /// Returns the anchor for a span that starts at a monotonic time; reads the wall clock only if the latest anchor has expired.
    @inline(__always)
    func anchor(at monotonic: UInt64) -> ClockAnchor { latest.value(at: monotonic) ?? renewedAnchor() }

    /// Reads both clocks and renews the latest anchor.
    @inline(never) @discardableResult
    func renewedAnchor() -> ClockAnchor {
        let earlier = monotonicNanoseconds()
        let wall = wallNanoseconds()
        return latest.renew(wall: wall, after: earlier, before: monotonicNanoseconds())
    }

    /// Renews an anchor that has used up half of its lifetime; called by workers, so that recording threads seldom do.
    func renewAnchor(at monotonic: UInt64) {
        if latest.value(at: monotonic &+ LatestAnchor.lifetime / 2) == nil { renewedAnchor() }
    }

    /// Returns the anchor for a wall time that the program has read: its own, or the present one if the wall clock was set meanwhile.
    ///
    /// The anchor whose present is nearer to the time is chosen.
    func anchor(fitting wall: UInt64, at monotonic: UInt64, own: ClockAnchor) -> ClockAnchor {
        let distance = own.distance(from: wall, at: monotonic)
        // Most times were read just now, and need no further reading of the wall clock.
        guard distance > Self.leastStep else { return own }
        let present = renewedAnchor()
        return present.distance(from: wall, at: monotonic) < distance - Self.leastStep ? present : own
    }

    /// Converts a wall time that was read just now to the time of an anchor; changes it only if the wall clock was set meanwhile.
    ///
    /// A time more than a second away from the present was chosen by the program, and is returned unchanged.
    func wallNanoseconds(ofReading wall: UInt64, at monotonic: UInt64, own: ClockAnchor) -> UInt64 {
        let fitting = anchor(fitting: wall, at: monotonic, own: own)
        guard fitting != own, fitting.distance(from: wall, at: monotonic) <= 1_000_000_000 else { return wall }
        return wall &- fitting.offset &+ own.offset
    }

    /// Smaller steps of the wall clock, in nanoseconds, are ignored for given times.
    static let leastStep: UInt64 = 1_000_000
}
