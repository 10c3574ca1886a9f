// The tokens of JSON, which `JSONReader` makes values of.

/// Reads a JSON document token by token. (RFC 8259.)
package struct JSONScanner {
    private let bytes: [UInt8]
    package private(set) var offset = 0
    /// Where the latest key begins.
    private(set) var keyOffset = 0

    package init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Returns the error that the input at the present offset is not the expected one.
    package func failure(_ reason: String) -> JSONError { .malformed(reason: reason, offset: offset, byte: peek()) }

    /// Checks that only white space is left.
    package mutating func end() throws(JSONError) {
        skipSpace()
        guard offset == bytes.count else { throw failure("text after the value") }
    }

    /// Returns the first byte after white space, without reading it; nil at the end.
    package mutating func nextByte() -> UInt8? {
        skipSpace()
        return peek()
    }

    /// Reads the bracket that opens an object or an array.
    package mutating func begin(_ bracket: UInt8, _ expected: String) throws(JSONError) {
        skipSpace()
        guard take(bracket) else { throw failure("expecting \(expected)") }
    }

    /// Moves to the next member of an object: its key has been read, and its value comes next. Returns false at the end of the object.
    package mutating func nextKey(into key: inout [UInt8]) throws(JSONError) -> Bool {
        guard try next(closing: UInt8(ascii: "}"), opening: UInt8(ascii: "{")) else { return false }
        guard peek() == UInt8(ascii: "\"") else { throw failure("expecting a key") }
        keyOffset = offset
        key.removeAll(keepingCapacity: true)
        try string { key.append(contentsOf: $0) }
        skipSpace()
        guard take(UInt8(ascii: ":")) else { throw failure("expecting a colon") }
        return true
    }

    /// Moves to the next element of an array; returns false at the end of the array.
    package mutating func nextElement() throws(JSONError) -> Bool {
        try next(closing: UInt8(ascii: "]"), opening: UInt8(ascii: "["))
    }

    private mutating func next(closing: UInt8, opening: UInt8) throws(JSONError) -> Bool {
        let isFirst = lastToken == opening
        skipSpace()
        if take(closing) { return false }
        if !isFirst {
            guard take(UInt8(ascii: ",")) else { throw failure("expecting a comma or an end") }
            skipSpace()
            if peek() == closing { throw failure("expecting a value after the comma") }
        }
        return true
    }

    /// The last byte before white space; an opening bracket if nothing of the object or array has been read.
    private var lastToken: UInt8? {
        var place = offset - 1
        while place >= 0, Self.isSpace(bytes[place]) { place -= 1 }
        return place < 0 ? nil : bytes[place]
    }

    /// Reads a word; on failure the offset is at the first byte that differs.
    package mutating func word(_ word: StaticString) throws(JSONError) {
        for byte in UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount) {
            guard take(byte) else { throw failure("expecting \(word)") }
        }
    }

    /// Returns a number as it is written, and whether it has neither fraction nor exponent.
    package mutating func number() throws(JSONError) -> (digits: ArraySlice<UInt8>, isWhole: Bool) {
        let start = offset
        var isWhole = true
        _ = take(UInt8(ascii: "-"))
        if !take(UInt8(ascii: "0")) { try digits() }
        if take(UInt8(ascii: ".")) {
            isWhole = false
            try digits()
        }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            isWhole = false
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            try digits()
        }
        return (bytes[start..<offset], isWhole)
    }

    private mutating func digits() throws(JSONError) {
        let start = offset
        while let byte = peek(), (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { offset += 1 }
        if offset == start { throw failure("expecting a digit") }
    }
}

extension JSONScanner {
    /// Returns the content of a text, its escapes replaced; whether it is UTF-8 is not checked.
    package mutating func string() throws(JSONError) -> [UInt8] {
        var content: [UInt8] = []
        try string { content.append(contentsOf: $0) }
        return content
    }

    /// Calls the closure with the content of a text in pieces.
    package mutating func string(_ take: (ArraySlice<UInt8>) -> Void) throws(JSONError) {
        skipSpace()
        guard self.take(UInt8(ascii: "\"")) else { throw failure("expecting a text") }
        var start = offset
        while let byte = peek() {
            switch byte {
            case UInt8(ascii: "\""):
                take(bytes[start..<offset])
                offset += 1
                return
            case UInt8(ascii: "\\"):
                take(bytes[start..<offset])
                offset += 1
                take(try escaped()[...])
                start = offset
            case 0..<0x20: throw failure("a control character inside of a text")
            default: offset += 1
            }
        }
        throw failure("the text does not end")
    }

    private mutating func escaped() throws(JSONError) -> [UInt8] {
        guard let byte = peek() else { throw failure("the text does not end") }
        let content: UInt8
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): content = byte
        case UInt8(ascii: "b"): content = 0x08
        case UInt8(ascii: "f"): content = 0x0C
        case UInt8(ascii: "n"): content = 0x0A
        case UInt8(ascii: "r"): content = 0x0D
        case UInt8(ascii: "t"): content = 0x09
        case UInt8(ascii: "u"):
            offset += 1
            return Array(String(try scalar()).utf8)
        default: throw failure("an unknown escape")
        }
        offset += 1
        return [content]
    }

    /// Reads the character of `XXXX`, or of a surrogate pair; a lone surrogate becomes a replacement character.
    private mutating func scalar() throws(JSONError) -> Unicode.Scalar {
        let first = try hexadecimal()
        if let scalar = Unicode.Scalar(first) { return scalar }
        let place = offset
        if first < 0xDC00, take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) {
            let second = try hexadecimal()
            if (0xDC00...0xDFFF).contains(second), let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)) {
                return scalar
            }
        }
        offset = place
        return "\u{FFFD}"
    }

    private mutating func hexadecimal() throws(JSONError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = peek(), byte < 0x80, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw failure("expecting four hexadecimal digits")
            }
            value = value << 4 | UInt32(digit)
            offset += 1
        }
        return value
    }

    private func peek() -> UInt8? { offset < bytes.count ? bytes[offset] : nil }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard peek() == byte else { return false }
        offset += 1
        return true
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 }

    private mutating func skipSpace() {
        while let byte = peek(), Self.isSpace(byte) { offset += 1 }
    }
}
