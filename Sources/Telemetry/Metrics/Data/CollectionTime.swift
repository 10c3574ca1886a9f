// Wall times for points: from the monotonic times that series keep.

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
