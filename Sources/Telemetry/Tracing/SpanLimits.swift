// The small types of a span: kind, status, link, event, limits.

/// The limits of one span; what exceeds them is dropped and counted in the span.
///
/// (Specification: trace SDK, "Span Limits"; common, "Attribute Limits".)
public struct SpanLimits: Sendable, Hashable {
    public var attributeCount: Int
    /// Unicode scalars of a text and bytes of a byte array that are kept; nil keeps all.
    public var attributeValueLength: Int?
    /// Levels of arrays and maps that are kept, from 1 to 128; deeper ones become empty values.
    ///
    /// OTLP requests keep them only as far as receivers read that take 100 messages in one another: 30 levels of maps, 45 of arrays.
    public var attributeValueDepth: Int
    public var eventCount: Int
    public var linkCount: Int
    public var eventAttributeCount: Int
    public var linkAttributeCount: Int

    public init(
        attributeCount: Int = 128, attributeValueLength: Int? = nil, attributeValueDepth: Int = 64, eventCount: Int = 128,
        linkCount: Int = 128, eventAttributeCount: Int = 128, linkAttributeCount: Int = 128
    ) {
        self.attributeCount = attributeCount
        self.attributeValueLength = attributeValueLength
        self.attributeValueDepth = attributeValueDepth
        self.eventCount = eventCount
        self.linkCount = linkCount
        self.eventAttributeCount = eventAttributeCount
        self.linkAttributeCount = linkAttributeCount
    }

    var valueLimits: AttributeValueLimits { AttributeValueLimits(nearestTo: attributeValueLength, depth: attributeValueDepth) }
}

extension SpanLimits: CheckedSettings {
    var problem: ConfigurationError? {
        AttributeValueLimits.problem(
            of: "SpanLimits", depth: attributeValueDepth,
            counts: [
                "attributeCount": attributeCount, "attributeValueLength": attributeValueLength ?? 0, "eventCount": eventCount,
                "linkCount": linkCount, "eventAttributeCount": eventAttributeCount, "linkAttributeCount": linkAttributeCount,
            ])
    }
}
