// The switch that turns the search for deep values in requests on.

import Synchronization

/// Records whether any recorded value is nested deeper than every receiver reads.
///
/// The default limit of depth keeps 64 levels, which are up to 192 messages. Requests are searched for such values only after one has been
/// recorded, so that programs without them pay nothing.
enum DeepNesting {
    private static let isRecorded = Atomic(false)

    /// True if a request may hold such values.
    static var mayOccur: Bool { isRecorded.load(ordering: .acquiring) }

    /// Must be called for each array and map, with the number of messages between the attribute's value and those in it.
    static func record(_ messages: Int) {
        // The store is released before the item's bytes are handed over, so that each request with such a value is searched.
        if messages > AttributeValueLimits.request.messages { isRecorded.store(true, ordering: .releasing) }
    }
}
