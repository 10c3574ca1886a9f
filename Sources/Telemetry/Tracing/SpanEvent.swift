// An event of a span.

/// Something that happened at a moment of a span.
public struct SpanEvent: Sendable, Hashable {
    public let name: String
    public let time: Timestamp
    public let attributes: Attributes
    public let droppedAttributeCount: Int
}
