// Writes JSON documents.

/// Writes a JSON document piece by piece; commas come by themselves.
///
/// Whoever uses it opens and closes objects and arrays in pairs, and gives each value of an object a key. (RFC 8259.)
struct JSONWriter {
    private(set) var bytes: [UInt8] = []
    /// Whether the next key or element is the first of its object or array, or the value of a key.
    private var needsNoComma = true

    private static let digits = Array("0123456789abcdef".utf8)

    mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        needsNoComma = true
    }

    private mutating func beginValue() {
        if !needsNoComma { bytes.append(UInt8(ascii: ",")) }
        needsNoComma = false
    }

    mutating func beginObject() { begin(UInt8(ascii: "{")) }

    mutating func endObject() { end(UInt8(ascii: "}")) }

    mutating func beginArray() { begin(UInt8(ascii: "[")) }

    mutating func endArray() { end(UInt8(ascii: "]")) }

    private mutating func begin(_ bracket: UInt8) {
        beginValue()
        bytes.append(bracket)
        needsNoComma = true
    }

    private mutating func end(_ bracket: UInt8) {
        bytes.append(bracket)
        needsNoComma = false
    }

    /// A key that needs no escapes; its value comes next.
    mutating func key(_ name: StaticString) {
        value(plain: name)
        bytes.append(UInt8(ascii: ":"))
        needsNoComma = true
    }

    /// A key of any characters; its value comes next.
    mutating func key(text: String) {
        value(text: text)
        bytes.append(UInt8(ascii: ":"))
        needsNoComma = true
    }

    mutating func null() {
        beginValue()
        bytes.append(contentsOf: "null".utf8)
    }

    mutating func value(_ truth: Bool) {
        beginValue()
        bytes.append(contentsOf: truth ? "true".utf8 : "false".utf8)
    }

    /// A whole number; one of 64 bits goes into quotes as protobuf's JSON mapping asks, since many readers keep 53 bits only.
    mutating func value<Number: FixedWidthInteger>(_ number: Number, isQuoted: Bool = false) {
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

    /// A number that reads back as the same one; `"NaN"`, `"Infinity"` and `"-Infinity"` as protobuf's JSON mapping has them.
    mutating func value(_ number: Double) {
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

    /// Two lower-case digits a byte: trace and span identifiers in OTLP.
    mutating func value(hexadecimal source: UnsafeRawBufferPointer) {
        beginValue()
        bytes.append(UInt8(ascii: "\""))
        for byte in source {
            bytes.append(Self.digits[Int(byte >> 4)])
            bytes.append(Self.digits[Int(byte & 15)])
        }
        bytes.append(UInt8(ascii: "\""))
    }

    mutating func value(base64 source: UnsafeRawBufferPointer) {
        beginValue()
        bytes.append(UInt8(ascii: "\""))
        bytes.append(contentsOf: Base64.encode(source).utf8)
        bytes.append(UInt8(ascii: "\""))
    }

    mutating func value(text: String) {
        var text = text
        text.withUTF8 { value(validText: UnsafeRawBufferPointer($0)) }
    }

    /// Text; what is not UTF-8 becomes replacement characters.
    mutating func value(text source: UnsafeRawBufferPointer) {
        if source.allSatisfy({ $0 < 0x80 }) || Self.isUTF8(source) { return value(validText: source) }
        var repaired = String(decoding: source, as: UTF8.self)
        repaired.withUTF8 { value(validText: UnsafeRawBufferPointer($0)) }
    }

    private static func isUTF8(_ source: UnsafeRawBufferPointer) -> Bool {
        source.withMemoryRebound(to: UInt8.self) { bytes in (try? UTF8Span(validating: bytes.span)) != nil }
    }

    private mutating func value(validText source: UnsafeRawBufferPointer) {
        beginValue()
        bytes.append(UInt8(ascii: "\""))
        var start = 0
        for (place, byte) in source.enumerated() where byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
            bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: source[start..<place]))
            start = place + 1
            escape(byte)
        }
        bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: source[start...]))
        bytes.append(UInt8(ascii: "\""))
    }

    private mutating func escape(_ byte: UInt8) {
        bytes.append(UInt8(ascii: "\\"))
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes.append(byte)
        case 0x0A: bytes.append(UInt8(ascii: "n"))
        case 0x0D: bytes.append(UInt8(ascii: "r"))
        case 0x09: bytes.append(UInt8(ascii: "t"))
        default: bytes += [UInt8(ascii: "u"), 48, 48, Self.digits[Int(byte >> 4)], Self.digits[Int(byte & 15)]]
        }
    }
}
