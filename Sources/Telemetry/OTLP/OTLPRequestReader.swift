// Walks through an OTLP request of any signal, as a receiver does.

/// Reads what requests of spans and of log records have in common: items in scopes in resources.
///
/// It has the outline that ``OTLPRequestBody`` writes. What comes in several pieces is put together, unknown fields are passed over.
struct OTLPRequestReader {
    /// Makes sure that reading an item later finds nothing unreadable.
    typealias Check = (UnsafeRawBufferPointer) throws(WireError) -> Void

    private let check: Check
    private let take: (EncodedItem) -> Void

    private init(_ check: @escaping Check, _ take: @escaping (EncodedItem) -> Void) {
        self.check = check
        self.take = take
    }

    /// The items of a request with their scopes and resources.
    ///
    /// - Throws: ``WireError`` when the bytes are not such a message.
    static func items(of body: [UInt8], checking check: @escaping Check) throws(WireError) -> [EncodedItem] {
        var items: [EncodedItem] = []
        try forEachItem(of: body, checking: check) { items.append($0) }
        return items
    }

    /// Calls the closure with the items of a request, one after another.
    ///
    /// - Throws: ``WireError`` when the bytes are not such a message; the items before have been handed over then.
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
            if field.number == 1 { try readItems(ofResource: field.bytes) }
        }
    }

    private func readItems(ofResource message: UnsafeRawBufferPointer) throws(WireError) {
        var attributes: [Attributes.Element] = []
        var schemaURL = ""
        var scopes: [UnsafeRawBufferPointer] = []
        var reader = WireReader(message)
        while let field = try reader.next() {
            switch field.number {
            case 1: try Self.addAttributes(1, of: field.bytes, to: &attributes)
            case 2: scopes.append(field.bytes)
            case 3: schemaURL = field.text
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
            case 1:
                try Self.addAttributes(3, of: field.bytes, to: &attributes)
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
            InstrumentationScope(name: name, version: version, schemaURL: schemaURL, attributes: Attributes(attributes)), resource: resource
        )
        for message in messages {
            try check(message)
            take(EncodedItem(bytes: Array(message), received: scope))
        }
    }

    private static func addAttributes(
        _ number: Int, of message: UnsafeRawBufferPointer, to pairs: inout [Attributes.Element]
    ) throws(WireError) {
        var reader = WireReader(message)
        while let field = try reader.next() {
            if field.number == number { pairs.append(try WireReader.attribute(field.bytes)) }
        }
    }

    /// Makes sure that the attributes in the fields with that number can be read.
    static func checkAttributes(_ number: Int, of message: UnsafeRawBufferPointer) throws(WireError) {
        var pairs: [Attributes.Element] = []
        try addAttributes(number, of: message, to: &pairs)
    }
}
