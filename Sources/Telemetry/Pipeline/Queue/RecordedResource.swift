// A resource in its encoded form.

/// A resource with its OTLP bytes, made once for a provider.
package final class RecordedResource: Sendable {
    package let resource: Resource
    /// Field 1 of `ResourceSpans` (and of its siblings for metrics and logs): the `Resource` message with tag and length.
    package let encodedResource: [UInt8]
    /// Field 3: the schema URL, or nothing.
    package let encodedSchemaURL: [UInt8]

    package init(_ resource: Resource) {
        self.resource = resource
        var message = WireWriter()
        message.field(OTLPSchema.Resource.attributes.number, attributes: resource.attributes)
        var field = WireWriter()
        field.field(OTLPSchema.AnySignal.resource.number, message: message.bytes)
        encodedResource = field.bytes
        var url = WireWriter()
        url.field(OTLPSchema.AnySignal.resourceSchemaURL.number, text: resource.schemaURL)
        encodedSchemaURL = url.bytes
    }
}
