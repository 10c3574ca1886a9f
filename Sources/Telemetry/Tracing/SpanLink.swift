// A link of a span.

/// Points from a span to another one, in this trace or another.
public struct SpanLink: Sendable, Hashable {
    public let context: SpanContext
    public let attributes: Attributes
    public let droppedAttributeCount: Int

    public init(_ context: SpanContext, _ attributes: Attributes = [:]) {
        self.init(context, attributes, droppedAttributeCount: 0)
    }

    init(_ context: SpanContext, _ attributes: Attributes, droppedAttributeCount: Int) {
        self.context = context
        self.attributes = attributes
        self.droppedAttributeCount = droppedAttributeCount
    }
}
