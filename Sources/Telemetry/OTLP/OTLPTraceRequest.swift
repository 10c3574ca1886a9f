// Reads an OTLP trace request, as a receiver does.

/// Reads `ExportTraceServiceRequest` messages from anywhere.
package enum OTLPTraceRequest {
    /// The spans of a request with their scopes and resources.
    ///
    /// - Throws: ``WireError`` when the bytes are not such a message.
    package static func decode(_ body: [UInt8]) throws(WireError) -> [FinishedSpan] {
        let outcome = body.withUnsafeBytes { bytes -> Result<[FinishedSpan], WireError> in
            do throws(WireError) { return .success(try spans(in: bytes)) } catch { return .failure(error) }
        }
        return try outcome.get()
    }

    private static func spans(in bytes: UnsafeRawBufferPointer) throws(WireError) -> [FinishedSpan] {
        var spans: [FinishedSpan] = []
        var reader = WireReader(bytes)
        while let field = try reader.next() {
            guard field.number == 1 else { continue }
            try addSpans(ofResource: field.bytes, to: &spans)
        }
        return spans
    }

    private static func addSpans(ofResource message: UnsafeRawBufferPointer, to spans: inout [FinishedSpan]) throws(WireError) {
        var attributes = Attributes()
        var schemaURL = ""
        var scopes: [UnsafeRawBufferPointer] = []
        var reader = WireReader(message)
        while let field = try reader.next() {
            switch field.number {
            case 1: attributes = try Self.attributes(1, of: field.bytes)
            case 2: scopes.append(field.bytes)
            case 3: schemaURL = field.text
            default: break
            }
        }
        let resource = RecordedResource(Resource(attributes: attributes, schemaURL: schemaURL))
        for scope in scopes { try addSpans(ofScope: scope, resource, to: &spans) }
    }

    private static func addSpans(
        ofScope message: UnsafeRawBufferPointer, _ resource: RecordedResource, to spans: inout [FinishedSpan]
    ) throws(WireError) {
        var (name, version, schemaURL) = ("", "", "")
        var attributes = Attributes()
        var messages: [UnsafeRawBufferPointer] = []
        var reader = WireReader(message)
        while let field = try reader.next() {
            switch field.number {
            case 1:
                attributes = try Self.attributes(3, of: field.bytes)
                var scope = WireReader(field.bytes)
                while let field = try scope.next() {
                    if field.number == 1 { name = field.text }
                    if field.number == 2 { version = field.text }
                }
            case 2: messages.append(field.bytes)
            case 3: schemaURL = field.text
            default: break
            }
        }
        let scope = RecordedScope(
            InstrumentationScope(name: name, version: version, schemaURL: schemaURL, attributes: attributes), resource: resource)
        for message in messages {
            try check(message)
            spans.append(FinishedSpan(bytes: Array(message), received: scope))
        }
    }

    private static func attributes(_ number: Int, of message: UnsafeRawBufferPointer) throws(WireError) -> Attributes {
        var pairs: [Attributes.Element] = []
        var reader = WireReader(message)
        while let field = try reader.next() {
            if field.number == number { pairs.append(try WireReader.attribute(field.bytes)) }
        }
        return Attributes(pairs)
    }

    /// Makes sure that reading the span later finds nothing unreadable.
    private static func check(_ message: UnsafeRawBufferPointer) throws(WireError) {
        var reader = WireReader(message)
        while let field = try reader.next() {
            switch field.number {
            case 9: _ = try WireReader.attribute(field.bytes)
            case 11: _ = try attributes(3, of: field.bytes)
            case 13: _ = try attributes(4, of: field.bytes)
            default: break
            }
        }
    }
}
