// What spans and log records have in common in their stores.

package import ExampleSupport

/// Items that came one after another, with the requests that they came in; a store keeps and removes them together.
package protocol ItemBlock: Sendable {
    /// Takes the items of a request, all or none.
    ///
    /// - Returns: the number of items taken, and of those that cannot be kept for a reason of their own.
    mutating func append(_ request: ReceivedBody) throws(OTLPRequestError) -> IndexedCount

    init(run: Int, firstNumber: Int)

    /// The number of the run in which the items were received.
    var run: Int { get }
    /// The number of the block's first item among all that its store has ever had.
    var firstNumber: Int { get }
    var count: Int { get }
    /// The memory that the block takes.
    var byteCount: Int { get }
    /// The time of the earliest item, in nanoseconds since 1970.
    var oldest: UInt64 { get }
    /// The last eight bytes of the identifier of each item's trace, where traces are told what they have lost; else empty.
    var evictableTraces: [UInt64] { get }
}

/// A request as it is kept: protobuf bytes, and when they came.
package struct ReceivedBody: Sendable {
    package let bytes: [UInt8]
    package let arrival: UInt64

    package init(_ bytes: [UInt8], arrival: UInt64) {
        // Memory that the server had reserved for more would be kept as long as the items.
        self.bytes = bytes.capacity > bytes.count + bytes.count / 8 + 64 ? bytes.withUnsafeBytes { Array($0) } : bytes
        self.arrival = arrival
    }
}

/// How many items of a request were taken, and how many were not.
package struct IndexedCount: Sendable, Equatable {
    package var accepted = 0
    package var rejected = 0
}

/// Where an item lies.
struct ItemPlaces: Sendable {
    /// The bytes of one item in the columns.
    static let rowBytes = 16

    /// The number of the request among the block's.
    var request: [UInt32] = []
    var start: [UInt32] = []
    var length: [UInt32] = []
    var scope: [UInt32] = []

    mutating func append(request number: UInt32, _ place: Range<Int>, scope number2: UInt32) {
        request.append(number)
        start.append(UInt32(truncatingIfNeeded: place.lowerBound))
        length.append(UInt32(truncatingIfNeeded: place.count))
        scope.append(number2)
    }

    mutating func removeLast(_ count: Int) {
        request.removeLast(count)
        start.removeLast(count)
        length.removeLast(count)
        scope.removeLast(count)
    }
}
