// The decoder of export requests, shared by all signals, for receivers and tests.

import Telemetry

/// Reads the outline that the requests of all signals share: items in scopes in resources.
///
/// It is the counterpart of ``OTLPRequestBody``. A message that comes in several pieces is merged, and unknown fields are skipped.
struct OTLPRequestReader {
    /// Checks that an item can be read later without errors.
    typealias Check = (UnsafeRawBufferPointer) throws(WireError) -> Void

    private let check: Check
    private let take: (EncodedItem) -> Void

    private init(_ check: @escaping Check, _ take: @escaping (EncodedItem) -> Void) {
        self.check = check
        self.take = take
    }

    /// Returns the items of a request with their scopes and resources.
    ///
    /// - Throws: ``WireError`` if the bytes are not such a message.
    static func items(of body: [UInt8], checking check: @escaping Check) throws(WireError) -> [EncodedItem] {
        var items: [EncodedItem] = []
        try forEachItem(of: body, checking: check) { items.append($0) }
        return items
    }

    /// Calls the closure with each item of a request.
    ///
    /// - Throws: ``WireError`` if the bytes are not such a message; the closure has been called with the items before the error.
    static func forEachItem(
        of body: [UInt8], checking check: Check = { (_) throws(WireError) in }, _ take: (EncodedItem) -> Void
    ) throws(WireError) {
        try body.withUnsafeBytes { bytes -> Result<Void, WireError> in
            withoutActuallyEscaping(take) { take in
                withoutActuallyEscaping(check) { check in
                    do throws(WireError) {
                        return .success(try Self(check, take).readItems(ofRequest: bytes))
                    } catch {
                        return .failure(error)
                    }
                }
            }
        }.get()
    }

    private func readItems(ofRequest message: UnsafeRawBufferPointer) throws(WireError) {
        var reader = WireReader(message)
        while let field = try reader.next() {
            if field.number == OTLPSchema.AnySignal.resources.number { try readItems(ofResource: field.bytes) }
        }
    }

    private func readItems(ofResource message: UnsafeRawBufferPointer) throws(WireError) {
        var attributes: [Attributes.Element] = []
        var schemaURL = ""
        var scopes: [UnsafeRawBufferPointer] = []
        var reader = WireReader(message)
        while let field = try reader.next() {
            switch field.number {
            case OTLPSchema.AnySignal.resource.number:
                try Self.addAttributes(OTLPSchema.Resource.attributes, of: field.bytes, to: &attributes)
            case OTLPSchema.AnySignal.scopes.number: scopes.append(field.bytes)
            case OTLPSchema.AnySignal.resourceSchemaURL.number: schemaURL = field.text
            default: break
            }
        }
        let resource = RecordedResource(Resource(attributes: Attributes(attributes), schemaURL: schemaURL))
        for scope in scopes { try readItems(ofScope: scope, resource) }
    }

    private func readItems(ofScope message: UnsafeRawBufferPointer, _ resource: RecordedResource) throws(WireError) {
        var (name, version, schemaURL) = ("", "", "")
        var attributes: [Attributes.Element] = []
        var messages: [UnsafeRawBufferPointer] = []
        var reader = WireReader(message)
        while let field = try reader.next() {
            switch field.number {
            case OTLPSchema.AnySignal.scope.number:
                try Self.addAttributes(OTLPSchema.InstrumentationScope.attributes, of: field.bytes, to: &attributes)
                var scope = WireReader(field.bytes)
                while let field = try scope.next() {
                    if field.number == OTLPSchema.InstrumentationScope.name.number { name = field.text }
                    if field.number == OTLPSchema.InstrumentationScope.version.number { version = field.text }
                }
            case OTLPSchema.AnySignal.items.number: messages.append(field.bytes)
            case OTLPSchema.AnySignal.scopeSchemaURL.number: schemaURL = field.text
            default: break
            }
        }
        let scope = RecordedScope(
            InstrumentationScope(name: name, version: version, schemaURL: schemaURL, attributes: Attributes(attributes)), resource: resource
        )
        for message in messages {
            try check(message)
            take(EncodedItem(bytes: Array(message), received: scope))
        }
    }

    private static func addAttributes(
        _ attributes: OTLPField, of message: UnsafeRawBufferPointer, to pairs: inout [Attributes.Element]
    ) throws(WireError) {
        var reader = WireReader(message)
        while let field = try reader.next() {
            if field.number == attributes.number { pairs.append(try WireReader.attribute(field.bytes)) }
        }
    }

    /// Checks that the attributes of a message can be read.
    static func checkAttributes(_ attributes: OTLPField, of message: UnsafeRawBufferPointer) throws(WireError) {
        var pairs: [Attributes.Element] = []
        try addAttributes(attributes, of: message, to: &pairs)
    }
}
