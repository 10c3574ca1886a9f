// The decoder of logs requests, for receivers and tests.

package import Telemetry

/// Reads `ExportLogsServiceRequest` messages from any source.
package enum OTLPLogsRequest {
    /// Returns the log records of a request with their scopes and resources.
    ///
    /// - Throws: ``WireError`` if the bytes are not such a message.
    package static func decode(_ body: [UInt8]) throws(WireError) -> [ReadableLogRecord] {
        try OTLPRequestReader.items(of: body, checking: check).map { ReadableLogRecord($0) }
    }

    private static func check(_ message: UnsafeRawBufferPointer) throws(WireError) {
        var reader = WireReader(message)
        while let field = try reader.next() {
            switch field.number {
            case OTLPSchema.LogRecord.body.number: _ = try WireReader.value(field.bytes)
            case OTLPSchema.LogRecord.attributes.number: _ = try WireReader.attribute(field.bytes)
            default: break
            }
        }
    }
}
