// The attributes of a series, with their encoding kept for later collections.

import Synchronization

/// A set of attributes whose values are told together, with what formats keep of it.
final class Series: Sendable {
    let attributes: Attributes
    private let encoded = AtomicLazyReference<EncodedAttributes>()

    /// What takes the measurements of series beyond the limit. (Specification: metrics SDK, "Overflow attribute".)
    static let overflow = Series(["otel.metric.overflow": true])

    init(_ attributes: Attributes) {
        self.attributes = attributes
    }

    /// The attributes as fields of an OTLP data point, made when they are first asked for.
    ///
    /// - Parameter tag: the field's tag byte, always the same for the points of one metric.
    func encodedAttributes(tag: UInt8) -> [UInt8] {
        if let made = encoded.load(), made.tag == tag { return made.bytes }
        let made = EncodedAttributes(attributes, tag: tag)
        // Whoever asks for another tag does so against a foreign metric: made anew each time.
        return encoded.storeIfNil(made).tag == tag ? encoded.load()?.bytes ?? made.bytes : made.bytes
    }
}

/// Attributes as the repeated `KeyValue` fields of an OTLP data point.
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
