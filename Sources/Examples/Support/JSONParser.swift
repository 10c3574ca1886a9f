// Parses JSON, with the error messages of Go's standard library.

/// The reason why a text is no JSON, in the words of Go's standard library, which the services' contracts quote.
package struct JSONSyntaxError: Error, Hashable, CustomStringConvertible {
    package let description: String
    /// The byte at which reading stopped.
    package let offset: Int
}

extension JSONValue {
    /// The greatest depth of nested arrays and objects. Reading them must fit the stack of a worker thread, a megabyte, without
    /// optimisation too: there one level of objects takes two kilobytes.
    package static let maximumDepth = 128

    /// Parses a text that is one JSON value and nothing else.
    package init(parsing text: some StringProtocol) throws(JSONSyntaxError) {
        var parser = JSONParser(Array(text.utf8))
        self = try parser.value()
        try parser.end()
    }

    /// Parses the JSON value at the beginning of the bytes; the rest is ignored.
    package init(prefixOf bytes: [UInt8]) throws(JSONSyntaxError) {
        var parser = JSONParser(bytes)
        self = try parser.value()
    }

    /// Parses bytes that are one JSON value and nothing else.
    package init(parsing bytes: [UInt8]) throws(JSONSyntaxError) {
        var parser = JSONParser(bytes)
        self = try parser.value()
        try parser.end()
    }
}

/// A recursive descent parser over the bytes of a text.
private struct JSONParser {
    private let bytes: [UInt8]
    private var offset = 0
    private var depth = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    mutating func value() throws(JSONSyntaxError) -> JSONValue {
        skipSpace()
        guard let byte = peek() else { throw error("unexpected EOF") }
        switch byte {
        case UInt8(ascii: "{"): return try nested { parser throws(JSONSyntaxError) in try parser.object() }
        case UInt8(ascii: "["): return try nested { parser throws(JSONSyntaxError) in try parser.array() }
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
        default: throw unexpected("looking for beginning of value")
        }
    }

    mutating func end() throws(JSONSyntaxError) {
        skipSpace()
        if offset < bytes.count { throw unexpected("after top-level value") }
    }

    private mutating func nested(_ body: (inout JSONParser) throws(JSONSyntaxError) -> JSONValue) throws(JSONSyntaxError) -> JSONValue {
        guard depth < JSONValue.maximumDepth else { throw error("exceeded max depth") }
        depth += 1
        offset += 1
        let value = try body(&self)
        depth -= 1
        return value
    }

    private mutating func object() throws(JSONSyntaxError) -> JSONValue {
        var members: [JSONObject.Member] = []
        skipSpace()
        if take(UInt8(ascii: "}")) { return .object(JSONObject()) }
        while true {
            skipSpace()
            guard peek() == UInt8(ascii: "\"") else { throw unexpected("looking for beginning of object key string") }
            let key = try string()
            skipSpace()
            guard take(UInt8(ascii: ":")) else { throw unexpected("after object key") }
            members.append(JSONObject.Member(key: key, value: try value()))
            skipSpace()
            if take(UInt8(ascii: ",")) { continue }
            guard take(UInt8(ascii: "}")) else { throw unexpected("after object key:value pair") }
            return .object(JSONObject(members))
        }
    }

    private mutating func array() throws(JSONSyntaxError) -> JSONValue {
        var elements: [JSONValue] = []
        skipSpace()
        if take(UInt8(ascii: "]")) { return .array([]) }
        while true {
            elements.append(try value())
            skipSpace()
            if take(UInt8(ascii: ",")) { continue }
            guard take(UInt8(ascii: "]")) else { throw unexpected("after array element") }
            return .array(elements)
        }
    }

    private mutating func literal(_ word: StaticString, _ value: JSONValue) throws(JSONSyntaxError) -> JSONValue {
        for expected in "\(word)".utf8 {
            guard take(expected) else {
                throw unexpected("in literal \(word) (expecting '\(Character(Unicode.Scalar(expected)))')")
            }
        }
        return value
    }

    private mutating func number() throws(JSONSyntaxError) -> JSONValue {
        let start = offset
        var isWhole = true
        _ = take(UInt8(ascii: "-"))
        if !take(UInt8(ascii: "0")) { try digits("in numeric literal") }
        if take(UInt8(ascii: ".")) {
            isWhole = false
            try digits("after decimal point in numeric literal")
        }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            isWhole = false
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            try digits("in exponent of numeric literal")
        }
        if isWhole, offset - start <= Self.shortDigits { return .integer(shortInteger(in: start..<offset)) }
        let text = String(decoding: bytes[start..<offset], as: UTF8.self)
        if isWhole, let integer = Int64(text) { return .integer(integer) }
        guard let number = Double(text), number.isFinite else { throw error("number \(text) is out of range") }
        return .number(number)
    }

    /// As many digits as always fit into 64 bits.
    private static let shortDigits = 18

    /// Returns the value of a few digits, with or without a sign before them.
    private func shortInteger(in range: Range<Int>) -> Int64 {
        var value: Int64 = 0
        for byte in bytes[range] where byte != UInt8(ascii: "-") { value = value * 10 + Int64(byte - UInt8(ascii: "0")) }
        return bytes[range.lowerBound] == UInt8(ascii: "-") ? -value : value
    }

    private mutating func digits(_ place: String) throws(JSONSyntaxError) {
        let start = offset
        while let byte = peek(), (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { offset += 1 }
        if offset == start { throw unexpected(place) }
    }
}

extension JSONParser {
    private mutating func string() throws(JSONSyntaxError) -> String {
        offset += 1
        let start = offset
        while let byte = peek(), byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 { offset += 1 }
        // Nearly all strings have no escapes: they are decoded where they lie. Invalid UTF-8 becomes replacement characters.
        if peek() == UInt8(ascii: "\"") {
            defer { offset += 1 }
            return String(decoding: bytes[start..<offset], as: UTF8.self)
        }
        var content = Array(bytes[start..<offset])
        while let byte = peek() {
            switch byte {
            case UInt8(ascii: "\""):
                offset += 1
                return String(decoding: content, as: UTF8.self)
            case UInt8(ascii: "\\"):
                offset += 1
                try escape(into: &content)
            case 0..<0x20: throw unexpected("in string literal")
            default:
                content.append(byte)
                offset += 1
            }
        }
        throw error("unexpected EOF")
    }

    private mutating func escape(into content: inout [UInt8]) throws(JSONSyntaxError) {
        guard let byte = peek() else { throw error("unexpected EOF") }
        let plain: UInt8?
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): plain = byte
        case UInt8(ascii: "b"): plain = 0x08
        case UInt8(ascii: "f"): plain = 0x0C
        case UInt8(ascii: "n"): plain = 0x0A
        case UInt8(ascii: "r"): plain = 0x0D
        case UInt8(ascii: "t"): plain = 0x09
        case UInt8(ascii: "u"): plain = nil
        default: throw unexpected("in string escape code")
        }
        offset += 1
        if let plain {
            content.append(plain)
        } else {
            content += Array(String(try escapedScalar()).utf8)
        }
    }

    /// Parses the character of `\uXXXX` or of a surrogate pair of them; a lone surrogate becomes a replacement character.
    private mutating func escapedScalar() throws(JSONSyntaxError) -> Character {
        let first = try hexadecimal()
        if let scalar = Unicode.Scalar(first) { return Character(scalar) }
        let place = offset
        if first < 0xDC00, take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) {
            let second = try hexadecimal()
            if (0xDC00...0xDFFF).contains(second), let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)) {
                return Character(scalar)
            }
        }
        offset = place
        return "\u{FFFD}"
    }

    private mutating func hexadecimal() throws(JSONSyntaxError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = peek(), let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80 else {
                throw unexpected("in \\u hexadecimal character escape")
            }
            value = value << 4 | UInt32(digit)
            offset += 1
        }
        return value
    }

    private func peek() -> UInt8? {
        offset < bytes.count ? bytes[offset] : nil
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard peek() == byte else { return false }
        offset += 1
        return true
    }

    private mutating func skipSpace() {
        while let byte = peek(), byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { offset += 1 }
    }

    /// Returns the error for the next byte, which is not allowed here, or for the end of the text.
    private func unexpected(_ place: String) -> JSONSyntaxError {
        guard let byte = peek() else { return error("unexpected EOF") }
        let shown =
            switch byte {
            case UInt8(ascii: "'"): #"'\''"#
            case UInt8(ascii: "\n"): #"'\n'"#
            case UInt8(ascii: "\r"): #"'\r'"#
            case UInt8(ascii: "\t"): #"'\t'"#
            case 0x20..<0x7F: "'\(Character(Unicode.Scalar(byte)))'"
            default: #"'\x"# + (byte < 16 ? "0" : "") + String(byte, radix: 16) + "'"
            }
        return error("invalid character \(shown) \(place)")
    }

    private func error(_ text: String) -> JSONSyntaxError {
        JSONSyntaxError(description: text, offset: offset)
    }
}
