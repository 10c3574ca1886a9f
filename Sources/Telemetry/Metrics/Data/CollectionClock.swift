// Keeps the wall time of points stable between collections.

/// Returns the times of the collections of one provider.
final class CollectionClock: Sendable {
    /// The least step of the wall clock that is followed: NTP clients slew smaller ones.
    ///
    /// The start time of a series must not change otherwise, since receivers take a new start time for a reset of the counter.
    static let leastStep: UInt64 = 100_000_000

    private let clock: TelemetryClock
    private let anchor: Locked<ClockAnchor>

    init(_ clock: TelemetryClock) {
        self.clock = clock
        anchor = Locked(clock.renewedAnchor())
    }

    /// Returns the time of a collection that begins now.
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
