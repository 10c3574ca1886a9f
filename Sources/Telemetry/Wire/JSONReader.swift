// The reader of small JSON documents from any source, such as the answers of servers.

/// Reads one JSON document into a ``JSONValue``; any bytes give a value or an error, never a trap.
///
/// It follows the grammar of RFC 8259 and refuses everything else: comments, trailing commas, bare words, a byte-order mark, text that is not
/// UTF-8. Size and depth are limited, because the documents are answers of servers. <https://www.rfc-editor.org/rfc/rfc8259>
struct JSONReader {
    /// More than any expected answer needs, and little enough to hold in memory.
    static let defaultMaximumSize = 1 << 20
    /// Levels of values in values that are read. Deeper input is refused, so that it cannot exhaust the stack.
    static let defaultMaximumDepth = 64

    private let maximumDepth: Int
    private var scanner: JSONScanner
    private var depth = 0

    /// Returns the value of a whole document.
    static func value(
        of bytes: [UInt8], maximumSize: Int = defaultMaximumSize, maximumDepth: Int = defaultMaximumDepth
    ) throws(JSONError) -> JSONValue {
        guard bytes.count <= maximumSize else { throw .tooLarge }
        var reader = JSONReader(scanner: JSONScanner(bytes), maximumDepth: maximumDepth)
        let value = try reader.value()
        try reader.scanner.end()
        return value
    }

    private init(scanner: JSONScanner, maximumDepth: Int) {
        self.scanner = scanner
        self.maximumDepth = maximumDepth
    }

    private mutating func value() throws(JSONError) -> JSONValue {
        switch scanner.nextByte() {
        case UInt8(ascii: "{"): return try nested { (reader) throws(JSONError) in try reader.object() }
        case UInt8(ascii: "["): return try nested { (reader) throws(JSONError) in try reader.array() }
        case UInt8(ascii: "\""):
            let content = try scanner.string()
            return .string(try text(content))
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return try number()
        }
    }

    private mutating func nested(_ body: (inout JSONReader) throws(JSONError) -> JSONValue) throws(JSONError) -> JSONValue {
        guard depth < maximumDepth else { throw .nestedTooDeep }
        depth += 1
        let value = try body(&self)
        depth -= 1
        return value
    }

    private mutating func object() throws(JSONError) -> JSONValue {
        var members: [String: JSONValue] = [:]
        var key: [UInt8] = []
        try scanner.begin(UInt8(ascii: "{"), "an object")
        while try scanner.nextKey(into: &key) {
            let name = try text(key)
            members[name] = try value()
        }
        return .object(members)
    }

    private mutating func array() throws(JSONError) -> JSONValue {
        var elements: [JSONValue] = []
        try scanner.begin(UInt8(ascii: "["), "an array")
        while try scanner.nextElement() { elements.append(try value()) }
        return .array(elements)
    }

    private mutating func word(_ word: StaticString, _ value: JSONValue) throws(JSONError) -> JSONValue {
        try scanner.word(word)
        return value
    }

    private mutating func number() throws(JSONError) -> JSONValue {
        let (digits, isWhole) = try scanner.number()
        let text = String(decoding: digits, as: UTF8.self)
        if isWhole, let integer = Int64(text) { return .integer(integer) }
        guard let number = Double(text), number.isFinite else { throw .numberOutOfRange(offset: scanner.offset) }
        return .number(number)
    }

    private func text(_ content: [UInt8]) throws(JSONError) -> String {
        guard let text = String(validating: content, as: UTF8.self) else { throw .notUTF8(offset: scanner.offset) }
        return text
    }
}
