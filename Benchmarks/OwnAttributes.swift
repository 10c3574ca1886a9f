// Attributes for rows with several threads that take sets out of an array.

import Glibc
import Synchronization
import Telemetry

/// Sets of attributes for many series, which each thread has in objects of its own.
///
/// A set that is taken out of an array is counted as a reference for the call. Two threads that take the same object change the same count,
/// which takes longer than the measurement; that is the cost of their array, and not of the series.
final class OwnAttributes: Sendable {
    private let count: Int
    private let byThread = Mutex<[UInt: [Attributes]]>([:])

    init(count: Int) {
        self.count = count
    }

    /// The sets of the calling thread, made when it asks for the first time.
    var ofThread: [Attributes] {
        let thread = UInt(pthread_self())
        return byThread.withLock { byThread in
            if let known = byThread[thread] { return known }
            let made = (0..<count).map { number -> Attributes in ["album.id": AttributeValue(number), "genre": "jazz"] }
            byThread[thread] = made
            return made
        }
    }
}
