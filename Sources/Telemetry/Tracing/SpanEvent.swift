// An event of a span.

/// Something that happened at a moment of a span.
public struct SpanEvent: Sendable, Hashable {
    public let name: String
    public let time: Timestamp
    public let attributes: Attributes
    public let droppedAttributeCount: Int
}

/// The name of ``SpanEvent`` for files that import swift-distributed-tracing too, which has a type of that name.
public typealias TelemetrySpanEvent = SpanEvent
