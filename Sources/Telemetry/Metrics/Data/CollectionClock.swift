// Wall time that steps only with the system clock, so that start times stay equal between collections.

/// Tells the times of the collections of one provider.
final class CollectionClock: Sendable {
    /// What counts as a step of the wall clock: NTP clients slew what is less. The start of a series must not move by anything else, since
    /// receivers take a new start time for a reset of the counter.
    static let leastStep: UInt64 = 100_000_000

    private let clock: TelemetryClock
    private let anchor: Locked<ClockAnchor>

    init(_ clock: TelemetryClock) {
        self.clock = clock
        anchor = Locked(clock.renewedAnchor())
    }

    /// The time of a collection that is called now.
    func now() -> CollectionTime {
        let present = clock.renewedAnchor()
        let anchor = anchor.withLock { anchor in
            let (ahead, behind) = (present.offset &- anchor.offset, anchor.offset &- present.offset)
            if min(ahead, behind) >= Self.leastStep { anchor = present }
            return anchor
        }
        return CollectionTime(nanoseconds: clock.monotonicNanoseconds(), anchor: anchor)
    }
}
