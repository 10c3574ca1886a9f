// Reads an OTLP logs request, as a receiver does.

/// Reads `ExportLogsServiceRequest` messages from anywhere.
package enum OTLPLogsRequest {
    /// The log records of a request with their scopes and resources.
    ///
    /// - Throws: ``WireError`` when the bytes are not such a message.
    package static func decode(_ body: [UInt8]) throws(WireError) -> [ReadableLogRecord] {
        try OTLPRequestReader.items(of: body, checking: check).map { ReadableLogRecord($0) }
    }

    private static func check(_ message: UnsafeRawBufferPointer) throws(WireError) {
        var reader = WireReader(message)
        while let field = try reader.next() {
            switch field.number {
            case 5: _ = try WireReader.value(field.bytes)
            case 6: _ = try WireReader.attribute(field.bytes)
            default: break
            }
        }
    }
}
