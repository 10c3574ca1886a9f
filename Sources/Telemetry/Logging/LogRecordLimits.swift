// The limits of a log record.

/// The limits of one log record besides its body; what exceeds them is dropped and counted in the record.
///
/// (Specification: logs SDK, "LogRecord Limits"; common, "Attribute Limits".)
public struct LogRecordLimits: Sendable, Hashable {
    /// Attributes that are kept.
    public var attributeCount: Int
    /// Unicode scalars of a text and bytes of a byte array that are kept; nil keeps all.
    public var attributeValueLength: Int?
    /// Levels of arrays and maps that are kept, from 1 to 128; deeper ones become empty values.
    ///
    /// OTLP requests keep them only as far as receivers read that take 100 messages in one another: 30 levels of maps, 45 of arrays.
    public var attributeValueDepth: Int

    public init(attributeCount: Int = 128, attributeValueLength: Int? = nil, attributeValueDepth: Int = 64) {
        self.attributeCount = attributeCount
        self.attributeValueLength = attributeValueLength
        self.attributeValueDepth = attributeValueDepth
    }
}

extension LogRecordLimits: CheckedSettings {
    var problem: ConfigurationError? {
        AttributeValueLimits.problem(
            of: "LogRecordLimits", depth: attributeValueDepth,
            counts: ["attributeCount": attributeCount, "attributeValueLength": attributeValueLength ?? 0])
    }
}
