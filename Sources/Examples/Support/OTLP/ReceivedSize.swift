// The size of a received item, for receivers that limit their memory.

package import Telemetry

/// The memory that a received item takes, and how much of it was cut.
package struct ReceivedSize: Sendable {
    /// The bytes of the item, and of its elements once they are decoded.
    package let bytes: Int
    /// The same for its scope and resource, which it shares with other items of its request.
    package let sharedBytes: Int
    /// The identity of the scope that ``sharedBytes`` belongs to.
    package let shared: ObjectIdentifier
    /// The number of values that were truncated or omitted because they were too long, too deep or too many.
    package let cutCount: Int

    private static let elementBytes = 32

    init(_ item: EncodedItem) {
        bytes = item.withMessage(\.count) + Self.elementBytes * Int(clamping: item.number(OTLPRequestCopier.elementCount))
        let scope = item.recordedScope
        let count = scope.scope.attributes.count + scope.resource.resource.attributes.count
        sharedBytes = 4 * (scope.encodedScope.count + scope.resource.encodedResource.count) + 2 * Self.elementBytes * count
        shared = ObjectIdentifier(scope)
        cutCount = Int(clamping: item.number(OTLPRequestCopier.cutCount))
    }
}

extension ReadableSpan {
    package var receivedSize: ReceivedSize { ReceivedSize(item) }
}

extension ReadableLogRecord {
    package var receivedSize: ReceivedSize { ReceivedSize(item) }
}
