// Reads an OTLP trace request, as a receiver does.

/// Reads `ExportTraceServiceRequest` messages from anywhere.
package enum OTLPTraceRequest {
    /// The spans of a request with their scopes and resources.
    ///
    /// - Throws: ``WireError`` when the bytes are not such a message.
    package static func decode(_ body: [UInt8]) throws(WireError) -> [ReadableSpan] {
        try OTLPRequestReader.items(of: body, checking: check).map { ReadableSpan($0) }
    }

    private static func check(_ message: UnsafeRawBufferPointer) throws(WireError) {
        var reader = WireReader(message)
        while let field = try reader.next() {
            switch field.number {
            case 9: _ = try WireReader.attribute(field.bytes)
            case 11: try OTLPRequestReader.checkAttributes(3, of: field.bytes)
            case 13: try OTLPRequestReader.checkAttributes(4, of: field.bytes)
            default: break
            }
        }
    }
}
