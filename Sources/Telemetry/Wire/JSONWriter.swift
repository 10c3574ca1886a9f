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
        if text.plainCount == text.count {
            writeValue(upTo: text.count + 3) { cursor in
                cursor.quoted(plain: text)
                cursor.byte(UInt8(ascii: ":"))
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
        writeValue(upTo: encoded.count) { $0.copy(encoded) }
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
        writeValue(upTo: JSONCursor.longestNumber) { cursor in
            if isQuoted { cursor.byte(UInt8(ascii: "\"")) }
            if number < 0 { cursor.byte(UInt8(ascii: "-")) }
            cursor.unsigned(UInt64(number.magnitude))
            if isQuoted { cursor.byte(UInt8(ascii: "\"")) }
        }
    }

    /// Writes a number so that it is read as the same one; `"NaN"`, `"Infinity"` and `"-Infinity"` as in protobuf's JSON mapping.
    package mutating func value(_ number: Double) {
        writeValue(upTo: JSONCursor.longestNumber) { $0.double(number) }
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
        writeValue(upTo: 2 + prefix.count + 2 * source.count) { cursor in
            cursor.byte(UInt8(ascii: "\""))
            cursor.copy(prefix)
            cursor.hexadecimal(source)
            cursor.byte(UInt8(ascii: "\""))
        }
    }

    /// Appends a value of at most so many bytes that the closure writes, behind a comma if one belongs there.
    ///
    /// Each append for itself checks whether the array may be changed and has room, which takes 25 instructions.
    @inline(__always)
    mutating func writeValue(upTo count: Int, _ fill: (inout JSONCursor) -> Void) {
        let comma = needsNoComma ? 0 : 1
        needsNoComma = false
        _ = append(upTo: count + comma) { cursor in
            if comma > 0 { cursor.byte(UInt8(ascii: ",")) }
            fill(&cursor)
            return true
        }
    }

    /// Appends a document of at most so many bytes that the closure writes, unless it returns false; returns what it did.
    @inline(__always)
    mutating func writeDocument(upTo count: Int, _ fill: (inout JSONCursor) -> Bool) -> Bool {
        assert(needsNoComma, "The document before has ended.")
        return append(upTo: count, fill)
    }

    @inline(__always)
    private mutating func append(upTo count: Int, _ fill: (inout JSONCursor) -> Bool) -> Bool {
        var isFilled = false
        bytes.append(addingCapacity: count) { span in
            span.withUnsafeMutableBufferPointer { buffer, initializedCount in
                assert(buffer.count - initializedCount >= count, "There is the room that was asked for.")
                guard let start = buffer.baseAddress else { return }
                var cursor = JSONCursor(UnsafeMutableRawPointer(start + initializedCount))
                guard fill(&cursor) else { return }
                let end = cursor.pointer - UnsafeMutableRawPointer(start)
                assert(end - initializedCount <= count, "No more is written than was announced.")
                initializedCount = end
                isFilled = true
            }
        }
        return isFilled
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
        if plainCount == source.count { return writeValue(upTo: plainCount + 2) { $0.quoted(plain: source) } }
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
        bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: source[..<plainCount]))
        var place = plainCount
        while place < source.count {
            // Piece by piece: the room for escapes of all bytes is six times the text.
            let end = min(source.count, place + 1024)
            _ = append(upTo: JSONCursor.escapedRoom(for: end - place)) { cursor in
                place = cursor.escape(source, from: place, upTo: end)
                return true
            }
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
        JSONCursor.bits(ofNotPlain: loadUnaligned(fromByteOffset: place, as: UInt64.self)) & 0x8080_8080_8080_8080 == 0
    }

    fileprivate var isUTF8: Bool {
        withMemoryRebound(to: UInt8.self) { bytes in (try? UTF8Span(validating: bytes.span)) != nil }
    }
}
