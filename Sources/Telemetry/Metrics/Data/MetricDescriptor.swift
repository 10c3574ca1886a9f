// Name, unit and description of a metric, with their encoding kept.

import Synchronization

/// What is said of a metric once for all its points.
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

    /// All of it as fields of an OTLP `Metric`, made when they are first asked for.
    var encodedFields: [UInt8] { (encoded.load() ?? encoded.storeIfNil(EncodedDescriptor(self))).bytes }
}

/// What is said of a metric as fields of an OTLP `Metric`.
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
