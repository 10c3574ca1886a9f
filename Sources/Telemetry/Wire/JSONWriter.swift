// The encoder of JSON, shared by OTLP/JSON, log lines and the console.

/// Writes a JSON document piece by piece, and puts commas where they belong.
///
/// The caller must begin and end objects and arrays in pairs, and write a key before each value of an object. (RFC 8259.)
package struct JSONWriter: Sendable {
    package private(set) var bytes: [UInt8] = []
    /// True if the next key or element is the first of its object or array, or the value of a key.
    private var needsNoComma = true

    private static let digits = Array("0123456789abcdef".utf8)

    package init() {}

    /// Removes what has been written, and keeps the memory unless it is larger than the limit.
    package mutating func removeAll(keepingAtMost limit: Int = .max) {
        bytes.removeAll(keepingCapacity: bytes.capacity <= limit)
        needsNoComma = true
    }

    private mutating func beginValue() {
        if !needsNoComma { bytes.append(UInt8(ascii: ",")) }
        needsNoComma = false
    }

    package mutating func beginObject() { begin(UInt8(ascii: "{")) }

    package mutating func endObject() { end(UInt8(ascii: "}")) }

    package mutating func beginArray() { begin(UInt8(ascii: "[")) }

    package mutating func endArray() { end(UInt8(ascii: "]")) }

    private mutating func begin(_ bracket: UInt8) {
        beginValue()
        bytes.append(bracket)
        needsNoComma = true
    }

    private mutating func end(_ bracket: UInt8) {
        bytes.append(bracket)
        needsNoComma = false
    }

    /// Writes a key that needs no escapes; its value must come next.
    package mutating func key(_ name: StaticString) {
        value(plain: name)
        bytes.append(UInt8(ascii: ":"))
        needsNoComma = true
    }

    /// Writes a key of any characters; its value must come next.
    package mutating func key(text: String) {
        value(text: text)
        bytes.append(UInt8(ascii: ":"))
        needsNoComma = true
    }

    /// Writes a key of any bytes; its value must come next. Bytes that are not UTF-8 become replacement characters.
    package mutating func key(text: UnsafeRawBufferPointer) {
        value(text: text)
        bytes.append(UInt8(ascii: ":"))
        needsNoComma = true
    }

    /// Writes a key that is encoded already, with its quotes and colon; its value must come next.
    package mutating func key(encoded: [UInt8]) {
        beginValue()
        bytes.append(contentsOf: encoded)
        needsNoComma = true
    }

    /// Writes an encoded value, or one or several encoded members of an object.
    package mutating func append(encoded: some Collection<UInt8>) {
        beginValue()
        bytes.append(contentsOf: encoded)
    }

    /// Ends a document with a line feed; another document may follow.
    package mutating func endLine() {
        bytes.append(UInt8(ascii: "\n"))
        needsNoComma = true
    }

    package mutating func null() {
        beginValue()
        bytes.append(contentsOf: "null".utf8)
    }

    package mutating func value(_ truth: Bool) {
        beginValue()
        bytes.append(contentsOf: truth ? "true".utf8 : "false".utf8)
    }

    /// Writes an integer; protobuf's JSON mapping quotes those of 64 bits, since many readers keep 53 bits only.
    package mutating func value<Number: FixedWidthInteger>(_ number: Number, isQuoted: Bool = false) {
        beginValue()
        if isQuoted { bytes.append(UInt8(ascii: "\"")) }
        if number < 0 { bytes.append(UInt8(ascii: "-")) }
        let start = bytes.count
        var rest = number.magnitude
        repeat {
            let (quotient, remainder) = rest.quotientAndRemainder(dividingBy: 10)
            bytes.append(UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: remainder))
            rest = quotient
        } while rest > 0
        bytes[start...].reverse()
        if isQuoted { bytes.append(UInt8(ascii: "\"")) }
    }

    /// Writes a number so that it is read as the same one; `"NaN"`, `"Infinity"` and `"-Infinity"` as in protobuf's JSON mapping.
    package mutating func value(_ number: Double) {
        guard number.isFinite else { return value(plain: number.isNaN ? "NaN" : number < 0 ? "-Infinity" : "Infinity") }
        beginValue()
        bytes.append(contentsOf: number.description.utf8)
    }

    private mutating func value(plain text: StaticString) {
        beginValue()
        bytes.append(UInt8(ascii: "\""))
        bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
        bytes.append(UInt8(ascii: "\""))
    }

    /// Writes bytes in lower-case hexadecimal digits, as OTLP does trace and span identifiers.
    ///
    /// - Parameter prefix: text before the digits that needs no escapes.
    package mutating func value(hexadecimal source: UnsafeRawBufferPointer, after prefix: [UInt8] = []) {
        beginValue()
        bytes.append(UInt8(ascii: "\""))
        bytes.append(contentsOf: prefix)
        for byte in source {
            bytes.append(Self.digits[Int(byte >> 4)])
            bytes.append(Self.digits[Int(byte & 15)])
        }
        bytes.append(UInt8(ascii: "\""))
    }

    package mutating func value(base64 source: UnsafeRawBufferPointer) {
        beginValue()
        bytes.append(UInt8(ascii: "\""))
        Base64.append(source, to: &bytes)
        bytes.append(UInt8(ascii: "\""))
    }

    package mutating func value(text: String) {
        var text = text
        text.withUTF8 { bytes in
            beginValue()
            append(text: UnsafeRawBufferPointer(bytes), isValid: true)
        }
    }

    /// Writes a text; bytes that are not UTF-8 become replacement characters.
    package mutating func value(text source: UnsafeRawBufferPointer) {
        beginValue()
        append(text: source, isValid: false)
    }

    private mutating func append(text source: UnsafeRawBufferPointer, isValid: Bool) {
        bytes.append(UInt8(ascii: "\""))
        let plainCount = source.plainCount
        if plainCount == source.count {
            bytes.append(contentsOf: source)
        } else if isValid || UnsafeRawBufferPointer(rebasing: source[plainCount...]).isUTF8 {
            append(escaping: source, from: plainCount)
        } else {
            var repaired = String(decoding: source, as: UTF8.self)
            repaired.withUTF8 { append(escaping: UnsafeRawBufferPointer($0), from: plainCount) }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// Appends UTF-8, and escapes what JSON forbids and what some readers take for the end of a line.
    private mutating func append(escaping source: UnsafeRawBufferPointer, from plainCount: Int) {
        var start = 0
        var place = plainCount
        while place < source.count {
            let length = source.lengthToEscape(at: place)
            guard length > 0 else {
                place += 1
                continue
            }
            bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: source[start..<place]))
            append(escapeOf: source[place], length: length, last: source[place + length - 1])
            place += length
            start = place
        }
        bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: source[start...]))
    }

    private mutating func append(escapeOf byte: UInt8, length: Int, last: UInt8) {
        bytes.append(UInt8(ascii: "\\"))
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes.append(byte)
        case 0x0A: bytes.append(UInt8(ascii: "n"))
        case 0x0D: bytes.append(UInt8(ascii: "r"))
        case 0x09: bytes.append(UInt8(ascii: "t"))
        default:
            bytes.append(contentsOf: length == 3 ? "u20".utf8 : "u00".utf8)
            // U+2028 and U+2029 differ only in their last byte, A8 or A9.
            let low = length == 3 ? last & 0x7F : last
            bytes.append(Self.digits[Int(low >> 4)])
            bytes.append(Self.digits[Int(low & 15)])
        }
    }
}

extension UnsafeRawBufferPointer {
    /// The number of the first bytes that are ASCII and need no escape; eight are tested at a time.
    fileprivate var plainCount: Int {
        let ones: UInt64 = 0x0101_0101_0101_0101
        var place = 0
        while count &- place >= 8 {
            let word = loadUnaligned(fromByteOffset: place, as: UInt64.self)
            let quotes = word ^ (ones &* 0x22)
            let backslashes = word ^ (ones &* 0x5C)
            // The subtraction borrows the highest bit of a byte that is zero, or less than the number.
            let found = word | (word &- ones &* 0x20) | (quotes &- ones) | (backslashes &- ones)
            guard found & (ones &* 0x80) == 0 else { break }
            place &+= 8
        }
        while place < count, self[place] >= 0x20, self[place] < 0x80, self[place] != 0x22, self[place] != 0x5C { place &+= 1 }
        return place
    }

    fileprivate var isUTF8: Bool {
        withMemoryRebound(to: UInt8.self) { bytes in (try? UTF8Span(validating: bytes.span)) != nil }
    }

    /// Returns the length of the character at a place if it must be escaped, else 0.
    @inline(__always)
    fileprivate func lengthToEscape(at place: Int) -> Int {
        switch self[place] {
        case 0..<0x20, 0x22, 0x5C: 1
        // JSON allows U+0085, U+2028 and U+2029, but many tools take them for the end of a line.
        case 0xC2 where place + 1 < count && self[place + 1] == 0x85: 2
        case 0xE2 where place + 2 < count && self[place + 1] == 0x80 && self[place + 2] & 0xFE == 0xA8: 3
        default: 0
        }
    }
}
