// A resource in its encoded form.

/// A resource with its OTLP bytes, made once for a provider.
final class RecordedResource: Sendable {
    let resource: Resource
    /// Field 1 of `ResourceSpans` (and of its siblings for metrics and logs): the `Resource` message with tag and length.
    let encodedResource: [UInt8]
    /// Field 3: the schema URL, or nothing.
    let encodedSchemaURL: [UInt8]

    init(_ resource: Resource) {
        self.resource = resource
        var message = WireWriter()
        message.field(1, attributes: resource.attributes)
        var field = WireWriter()
        field.field(1, message: message.bytes)
        encodedResource = field.bytes
        var url = WireWriter()
        url.field(3, text: resource.schemaURL)
        encodedSchemaURL = url.bytes
    }
}
