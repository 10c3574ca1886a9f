// The encoder of JSON, shared by OTLP/JSON, log lines and the console.

/// Writes a JSON document piece by piece, and puts commas where they belong.
///
/// The caller must begin and end objects and arrays in pairs, and write a key before each value of an object. (RFC 8259.)
package struct JSONWriter: Sendable {
    package private(set) var bytes: [UInt8] = []
    /// True if the next key or element is the first of its object or array, or the value of a key.
    private var needsNoComma = true

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
        let plainCount = text.plainCount
        if plainCount == text.count {
            writeValue(plainCount + 3) { target in
                Self.write(plain: text, to: target)
                target.storeBytes(of: UInt8(ascii: ":"), toByteOffset: plainCount + 2, as: UInt8.self)
            }
            needsNoComma = true
            return
        }
        value(text: text)
        bytes.append(UInt8(ascii: ":"))
        needsNoComma = true
    }

    /// Writes a key that is encoded already, with its quotes and colon; its value must come next.
    package mutating func key(encoded: UnsafeRawBufferPointer) {
        append(encoded: encoded)
        needsNoComma = true
    }

    /// Writes an encoded value, or one or several encoded members of an object.
    package mutating func append(encoded: UnsafeRawBufferPointer) {
        guard let start = encoded.baseAddress else { return beginValue() }
        writeValue(encoded.count) { $0.copyMemory(from: start, byteCount: encoded.count) }
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
        var (rest, count, power) = (UInt64(number.magnitude), 1, UInt64(10))
        while rest >= power, count < 19 { (count, power) = (count + 1, power &* 10) }
        if count == 19, rest >= power { count = 20 }
        let quotes = isQuoted ? 1 : 0
        let start = quotes + (number < 0 ? 1 : 0)
        writeValue(start + count + quotes) { target in
            if isQuoted {
                target.storeBytes(of: UInt8(ascii: "\""), as: UInt8.self)
                target.storeBytes(of: UInt8(ascii: "\""), toByteOffset: start + count, as: UInt8.self)
            }
            if number < 0 { target.storeBytes(of: UInt8(ascii: "-"), toByteOffset: quotes, as: UInt8.self) }
            for place in (start..<start + count).reversed() {
                target.storeBytes(of: UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: rest % 10), toByteOffset: place, as: UInt8.self)
                rest /= 10
            }
        }
    }

    /// Writes a number so that it is read as the same one; `"NaN"`, `"Infinity"` and `"-Infinity"` as in protobuf's JSON mapping.
    package mutating func value(_ number: Double) {
        guard number.isFinite else { return value(plain: number.isNaN ? "NaN" : number < 0 ? "-Infinity" : "Infinity") }
        var text = number.description
        text.withUTF8 { append(encoded: UnsafeRawBufferPointer($0)) }
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
    package mutating func value(
        hexadecimal source: UnsafeRawBufferPointer, after prefix: UnsafeRawBufferPointer = UnsafeRawBufferPointer(start: nil, count: 0)
    ) {
        let count = 2 + prefix.count + 2 * source.count
        writeValue(count) { target in
            target.storeBytes(of: UInt8(ascii: "\""), as: UInt8.self)
            if let start = prefix.baseAddress { (target + 1).copyMemory(from: start, byteCount: prefix.count) }
            Self.write(hexadecimal: source, to: target + 1 + prefix.count)
            target.storeBytes(of: UInt8(ascii: "\""), toByteOffset: count - 1, as: UInt8.self)
        }
    }

    /// Writes two digits for each byte, those of eight bytes at a time: an identifier takes a fifth of the instructions of byte by byte.
    private static func write(hexadecimal source: UnsafeRawBufferPointer, to target: UnsafeMutableRawPointer) {
        var place = 0
        while source.count - place >= 8 {
            let number = UInt64(bigEndian: source.loadUnaligned(fromByteOffset: place, as: UInt64.self))
            Hexadecimal.write(number, to: target + 2 * place)
            place += 8
        }
        while place < source.count {
            target.storeBytes(of: Hexadecimal.digit(source[place] >> 4), toByteOffset: 2 * place, as: UInt8.self)
            target.storeBytes(of: Hexadecimal.digit(source[place] & 15), toByteOffset: 2 * place + 1, as: UInt8.self)
            place += 1
        }
    }

    /// Appends a value of a number of bytes that the closure writes, all of them, behind a comma if one belongs there.
    ///
    /// Each append for itself checks whether the array may be changed and has room, which takes 25 instructions.
    @inline(__always)
    private mutating func writeValue(_ count: Int, _ fill: (UnsafeMutableRawPointer) -> Void) {
        let comma = needsNoComma ? 0 : 1
        needsNoComma = false
        bytes.append(addingCapacity: count + comma) { span in
            span.withUnsafeMutableBufferPointer { buffer, initializedCount in
                assert(buffer.count - initializedCount >= count + comma, "There is the room that was asked for.")
                guard let start = buffer.baseAddress else { return }
                let target = UnsafeMutableRawPointer(start + initializedCount)
                if comma > 0 { target.storeBytes(of: UInt8(ascii: ","), as: UInt8.self) }
                fill(target + comma)
                initializedCount += count + comma
            }
        }
    }

    /// Writes text that needs no escapes with its quotes.
    @inline(__always)
    private static func write(plain text: UnsafeRawBufferPointer, to target: UnsafeMutableRawPointer) {
        target.storeBytes(of: UInt8(ascii: "\""), as: UInt8.self)
        if let start = text.baseAddress { (target + 1).copyMemory(from: start, byteCount: text.count) }
        target.storeBytes(of: UInt8(ascii: "\""), toByteOffset: text.count + 1, as: UInt8.self)
    }

    package mutating func value(base64 source: UnsafeRawBufferPointer) {
        beginValue()
        bytes.append(UInt8(ascii: "\""))
        Base64.append(source, to: &bytes)
        bytes.append(UInt8(ascii: "\""))
    }

    package mutating func value(text: String) {
        var text = text
        text.withUTF8 { value(text: UnsafeRawBufferPointer($0), isValid: true) }
    }

    /// Writes a text; bytes that are not UTF-8 become replacement characters.
    package mutating func value(text source: UnsafeRawBufferPointer) { value(text: source, isValid: false) }

    private mutating func value(text source: UnsafeRawBufferPointer, isValid: Bool) {
        let plainCount = source.plainCount
        if plainCount == source.count { return writeValue(plainCount + 2) { Self.write(plain: source, to: $0) } }
        beginValue()
        bytes.append(UInt8(ascii: "\""))
        if isValid || UnsafeRawBufferPointer(rebasing: source[plainCount...]).isUTF8 {
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
            bytes.append(Hexadecimal.digit(low >> 4))
            bytes.append(Hexadecimal.digit(low & 15))
        }
    }
}

extension UnsafeRawBufferPointer {
    /// The number of the first bytes that are ASCII and need no escape; eight are tested at a time.
    fileprivate var plainCount: Int {
        var place = 0
        while count &- place >= 8, arePlain(at: place) { place &+= 8 }
        // The last bytes are tested together with some before them.
        if count >= 8, count &- place < 8, arePlain(at: count &- 8) { return count }
        while place < count, self[place] >= 0x20, self[place] < 0x80, self[place] != 0x22, self[place] != 0x5C { place &+= 1 }
        return place
    }

    /// Returns whether eight bytes are ASCII and need no escape.
    @inline(__always)
    private func arePlain(at place: Int) -> Bool {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let word = loadUnaligned(fromByteOffset: place, as: UInt64.self)
        let quotes = word ^ (ones &* 0x22)
        let backslashes = word ^ (ones &* 0x5C)
        // The subtraction borrows the highest bit of a byte that is zero, or less than the number.
        let found = word | (word &- ones &* 0x20) | (quotes &- ones) | (backslashes &- ones)
        return found & (ones &* 0x80) == 0
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
