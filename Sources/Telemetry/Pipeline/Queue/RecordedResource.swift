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
        for entity in resource.entities {
            var reference = WireWriter()
            reference.field(OTLPSchema.EntityRef.schemaURL.number, text: entity.schemaURL)
            reference.field(OTLPSchema.EntityRef.type.number, text: entity.type)
            for key in entity.identity.map(\.key) { reference.field(OTLPSchema.EntityRef.idKeys.number, text: key) }
            for key in entity.details.map(\.key) { reference.field(OTLPSchema.EntityRef.descriptionKeys.number, text: key) }
            message.field(OTLPSchema.Resource.entityRefs.number, message: reference.bytes)
        }
        var field = WireWriter()
        field.field(OTLPSchema.AnySignal.resource.number, message: message.bytes)
        encodedResource = field.bytes
        var url = WireWriter()
        url.field(OTLPSchema.AnySignal.resourceSchemaURL.number, text: resource.schemaURL)
        encodedSchemaURL = url.bytes
    }
}
