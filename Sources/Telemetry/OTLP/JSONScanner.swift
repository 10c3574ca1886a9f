// Reads the tokens of JSON one after another, without making values of them.

/// Goes through a JSON document from token to token; what lies nested is skipped without recursion, however deep it is. (RFC 8259.)
struct JSONScanner {
    private let bytes: [UInt8]
    private var offset = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    func failure(_ reason: String) -> OTLPRequestError { .invalidJSON(reason: reason, offset: offset) }

    /// Makes sure that nothing but white space is left.
    mutating func end() throws(OTLPRequestError) {
        skipSpace()
        guard offset == bytes.count else { throw failure("text after the value") }
    }

    /// Takes the bracket that opens an object or an array.
    mutating func begin(_ bracket: UInt8, _ what: String) throws(OTLPRequestError) {
        skipSpace()
        guard take(bracket) else { throw failure("expecting \(what)") }
    }

    /// Goes on to the next member of an object, whose value follows then; false at its end.
    mutating func nextKey(into key: inout [UInt8]) throws(OTLPRequestError) -> Bool {
        guard try next(closing: UInt8(ascii: "}"), opening: UInt8(ascii: "{")) else { return false }
        guard peek() == UInt8(ascii: "\"") else { throw failure("expecting a key") }
        key.removeAll(keepingCapacity: true)
        try string { key.append(contentsOf: $0) }
        skipSpace()
        guard take(UInt8(ascii: ":")) else { throw failure("expecting a colon") }
        return true
    }

    /// Goes on to the next element of an array; false at its end.
    mutating func nextElement() throws(OTLPRequestError) -> Bool {
        try next(closing: UInt8(ascii: "]"), opening: UInt8(ascii: "["))
    }

    private mutating func next(closing: UInt8, opening: UInt8) throws(OTLPRequestError) -> Bool {
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

    /// The last byte before white space; an opening bracket where nothing of an object or array has been read.
    private var lastToken: UInt8? {
        var place = offset - 1
        while place >= 0, Self.isSpace(bytes[place]) { place -= 1 }
        return place < 0 ? nil : bytes[place]
    }

    mutating func takeNull() -> Bool {
        skipSpace()
        guard peek() == UInt8(ascii: "n") else { return false }
        return takeWord("null")
    }

    mutating func bool() throws(OTLPRequestError) -> Bool {
        skipSpace()
        if takeWord("true") { return true }
        if takeWord("false") { return false }
        throw failure("expecting true or false")
    }

    /// A number as it is written, or the content of a text.
    mutating func numberOrString() throws(OTLPRequestError) -> String {
        skipSpace()
        guard peek() == UInt8(ascii: "\"") else { return String(decoding: try number(), as: UTF8.self) }
        return String(decoding: try string(), as: UTF8.self)
    }

    private mutating func number() throws(OTLPRequestError) -> ArraySlice<UInt8> {
        let start = offset
        _ = take(UInt8(ascii: "-"))
        if !take(UInt8(ascii: "0")) { try digits() }
        if take(UInt8(ascii: ".")) { try digits() }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            try digits()
        }
        // Longer ones say no more than shorter ones could.
        guard offset - start <= 400 else { throw failure("the number is too long") }
        return bytes[start..<offset]
    }

    private mutating func digits() throws(OTLPRequestError) {
        let start = offset
        while let byte = peek(), (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { offset += 1 }
        if offset == start { throw failure("expecting a digit") }
    }

    /// Passes over a value of any depth.
    mutating func skipValue() throws(OTLPRequestError) {
        // The brackets that are open, a bit each: whether it is an object.
        var open = BitStack()
        while true {
            skipSpace()
            switch peek() {
            case UInt8(ascii: "{"):
                offset += 1
                open.push(true)
            case UInt8(ascii: "["):
                offset += 1
                open.push(false)
            case UInt8(ascii: "\""): try string { _ in }
            case UInt8(ascii: "t"), UInt8(ascii: "f"): _ = try bool()
            case UInt8(ascii: "n"): guard takeNull() else { throw failure("expecting a value") }
            default: _ = try number()
            }
            // To the next value, out of all that ends here.
            while let isObject = open.top {
                if isObject {
                    var key: [UInt8] = []
                    if try nextKey(into: &key) { break }
                } else if try nextElement() {
                    break
                }
                open.pop()
            }
            if open.top == nil { return }
        }
    }
}

extension JSONScanner {
    /// The content of a text.
    mutating func string() throws(OTLPRequestError) -> [UInt8] {
        var content: [UInt8] = []
        try string { content.append(contentsOf: $0) }
        return content
    }

    /// Hands over the content of a text in pieces.
    mutating func string(_ take: (ArraySlice<UInt8>) -> Void) throws(OTLPRequestError) {
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

    private mutating func escaped() throws(OTLPRequestError) -> [UInt8] {
        guard let byte = peek() else { throw failure("the text does not end") }
        offset += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
        case UInt8(ascii: "b"): return [0x08]
        case UInt8(ascii: "f"): return [0x0C]
        case UInt8(ascii: "n"): return [0x0A]
        case UInt8(ascii: "r"): return [0x0D]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "u"): return Array(String(try scalar()).utf8)
        default: throw failure("an unknown escape")
        }
    }

    /// The character of `XXXX`, or of two of them where one is not enough; half a pair is a replacement character.
    private mutating func scalar() throws(OTLPRequestError) -> Character {
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

    private mutating func hexadecimal() throws(OTLPRequestError) -> UInt32 {
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

    private mutating func takeWord(_ word: StaticString) -> Bool {
        let wanted = UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount)
        guard bytes.count - offset >= wanted.count, bytes[offset..<offset + wanted.count].elementsEqual(wanted) else { return false }
        offset += wanted.count
        return true
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 }

    private mutating func skipSpace() {
        while let byte = peek(), Self.isSpace(byte) { offset += 1 }
    }
}

/// Truth values one upon another, eight in a byte.
private struct BitStack {
    private var bytes: [UInt8] = []
    private var count = 0

    var top: Bool? { count == 0 ? nil : bytes[(count - 1) >> 3] >> UInt8((count - 1) & 7) & 1 == 1 }

    mutating func push(_ bit: Bool) {
        if count & 7 == 0 { bytes.append(0) }
        let mask: UInt8 = 1 << UInt8(count & 7)
        if bit { bytes[count >> 3] |= mask } else { bytes[count >> 3] &= ~mask }
        count += 1
    }

    mutating func pop() {
        count -= 1
        if count & 7 == 0 { bytes.removeLast() }
    }
}
