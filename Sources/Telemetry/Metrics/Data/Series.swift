// Keeps the encoded attributes of a series for later collections.

import Synchronization

/// The attributes of a series, with their encoding.
final class Series: Sendable {
    let attributes: Attributes
    private let encoded = AtomicLazyReference<EncodedAttributes>()

    /// The overflow series, which takes measurements beyond the cardinality limit.
    ///
    /// (Specification: metrics SDK, "Overflow attribute".)
    static let overflow = Series(["otel.metric.overflow": true])

    init(_ attributes: Attributes) {
        self.attributes = attributes
    }

    /// Returns the attributes as fields of an OTLP data point, encoded at the first use.
    ///
    /// - Parameter tag: the tag byte of the field, which is the same for all points of a metric.
    func encodedAttributes(tag: UInt8) -> [UInt8] {
        if let made = encoded.load(), made.tag == tag { return made.bytes }
        let made = EncodedAttributes(attributes, tag: tag)
        // The attributes are encoded again for another tag, which only a metric of a producer can need.
        return encoded.storeIfNil(made).tag == tag ? encoded.load()?.bytes ?? made.bytes : made.bytes
    }
}

/// The attributes as the repeated `KeyValue` fields of an OTLP data point.
private final class EncodedAttributes: Sendable {
    let tag: UInt8
    let bytes: [UInt8]

    init(_ attributes: Attributes, tag: UInt8) {
        self.tag = tag
        var writer = WireWriter()
        writer.field(Int(tag >> 3), attributes: attributes)
        bytes = writer.bytes
    }
}
