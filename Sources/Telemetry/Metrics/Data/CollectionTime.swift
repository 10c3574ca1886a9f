// Converts the monotonic times that series keep to wall time.

/// The time of a collection, with the anchor that converts earlier monotonic times to wall time.
///
/// Series keep monotonic times, which are converted when they are collected. So the start of a point precedes its time by exactly the time
/// that has passed, even if the wall clock was set meanwhile.
struct CollectionTime: Sendable {
    /// Nanoseconds on the monotonic clock.
    let nanoseconds: UInt64
    let anchor: ClockAnchor

    /// The wall time of the collection.
    var timestamp: Timestamp { Timestamp(nanosecondsSinceEpoch: anchor.wallNanoseconds(nanoseconds)) }

    /// Returns the wall time of a monotonic time.
    ///
    /// A measurement that was recorded after the collection began belongs to it too, and gets its time.
    func timestamp(of monotonic: UInt64) -> Timestamp {
        let wall = anchor.wallNanoseconds(min(monotonic, nanoseconds))
        // If the wall clock shows less than the time that has passed since, the start is the epoch.
        return Timestamp(nanosecondsSinceEpoch: wall <= timestamp.nanosecondsSinceEpoch ? wall : 0)
    }
}
