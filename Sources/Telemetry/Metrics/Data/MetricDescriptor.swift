// Keeps the encoded fields that all exports of a metric have in common.

import Synchronization

/// The name, unit, description and metadata of a metric, shared by all its points.
final class MetricDescriptor: Sendable {
    let name: String
    let unit: String
    let description: String
    let metadata: Attributes
    private let encoded = AtomicLazyReference<EncodedDescriptor>()

    init(name: String, unit: String, description: String, metadata: Attributes = [:]) {
        self.name = name
        self.unit = unit
        self.description = description
        self.metadata = metadata
    }

    /// The descriptor as fields of an OTLP `Metric`, encoded at the first use.
    var encodedFields: [UInt8] { (encoded.load() ?? encoded.storeIfNil(EncodedDescriptor(self))).bytes }
}

/// The descriptor as fields of an OTLP `Metric`.
private final class EncodedDescriptor: Sendable {
    let bytes: [UInt8]

    init(_ descriptor: MetricDescriptor) {
        var writer = WireWriter()
        writer.field(1, text: descriptor.name)
        writer.field(2, text: descriptor.description)
        writer.field(3, text: descriptor.unit)
        writer.field(12, attributes: descriptor.metadata)
        bytes = writer.bytes
    }
}
