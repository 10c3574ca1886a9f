// The time of a collection, and of all that was measured before it.

/// When a collection was called, and what makes wall time of it and of all earlier times.
///
/// Series keep monotonic times, which become wall time when they are collected. So a point begins before its time and as long before as
/// time has passed, although the wall clock was set meanwhile.
struct CollectionTime: Sendable {
    /// On the monotonic clock.
    let nanoseconds: UInt64
    let anchor: ClockAnchor

    /// The wall time of the collection.
    var timestamp: Timestamp { Timestamp(nanosecondsSinceEpoch: anchor.wallNanoseconds(nanoseconds)) }

    /// The wall time of a monotonic time. What was measured after the call belongs to the collection too, and has its time.
    func timestamp(of monotonic: UInt64) -> Timestamp {
        let wall = anchor.wallNanoseconds(min(monotonic, nanoseconds))
        // The wall clock may show less than has passed since.
        return Timestamp(nanosecondsSinceEpoch: wall <= timestamp.nanosecondsSinceEpoch ? wall : 0)
    }
}

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
