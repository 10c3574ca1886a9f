// The decoder of trace requests, for receivers and tests.

package import Telemetry

/// Reads `ExportTraceServiceRequest` messages from any source.
package enum OTLPTraceRequest {
    /// Returns the spans of a request with their scopes and resources.
    ///
    /// - Throws: ``WireError`` if the bytes are not such a message.
    package static func decode(_ body: [UInt8]) throws(WireError) -> [ReadableSpan] {
        try OTLPRequestReader.items(of: body, checking: check).map { ReadableSpan($0) }
    }

    private static func check(_ message: UnsafeRawBufferPointer) throws(WireError) {
        var reader = WireReader(message)
        while let field = try reader.next() {
            switch field.number {
            case OTLPSchema.Span.attributes.number: _ = try WireReader.attribute(field.bytes)
            case OTLPSchema.Span.events.number: try OTLPRequestReader.checkAttributes(OTLPSchema.Span.Event.attributes, of: field.bytes)
            case OTLPSchema.Span.links.number: try OTLPRequestReader.checkAttributes(OTLPSchema.Span.Link.attributes, of: field.bytes)
            default: break
            }
        }
    }
}
