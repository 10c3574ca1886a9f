// Attributes and values of received bytes as OTLP/JSON, cut where they are too large to be shown.

import Telemetry

/// Writes values of telemetry as JSON. What is left out is marked with how much it was.
struct OTLPValueWriter {
    /// Bytes of a text that are shown.
    static let maximumTextBytes = 64 << 10
    /// Attributes of an item, and elements of a value, that are shown.
    static let maximumElements = 1_024
    /// Levels of values in values that are shown.
    static let maximumDepth = 32

    /// Writes the attributes of a message as a list of keys and values.
    static func attributes(_ field: Int, of message: UnsafeRawBufferPointer, to writer: inout JSONWriter) {
        writer.beginArray()
        keyValues(field, of: message, depth: 0, to: &writer)
        writer.endArray()
    }

    private static func keyValues(_ field: Int, of message: UnsafeRawBufferPointer, depth: Int, to writer: inout JSONWriter) {
        var count = 0
        AttributeWalk.forEach(field, of: message) { key, value in
            count += 1
            guard count <= maximumElements else { return true }
            writer.beginObject()
            writer.key("key")
            text(key, to: &writer)
            writer.key("value")
            self.value(value, depth: depth, to: &writer)
            writer.endObject()
            return true
        }
        guard count > maximumElements else { return }
        writer.beginObject()
        writer.key("key")
        writer.value(text: "…")
        writer.key("value")
        note("\(count - maximumElements) more", to: &writer)
        writer.endObject()
    }

    /// Writes a value as the object that OTLP/JSON has for it; an empty one for no value.
    static func value(_ message: UnsafeRawBufferPointer, depth: Int = 0, to writer: inout JSONWriter) {
        var walker = WireWalker(message)
        // The last occurrence counts, as in protobuf.
        var last: WireWalker?
        while (try? walker.next()) == true {
            if (1...7).contains(walker.number) { last = walker }
        }
        guard let last else {
            writer.beginObject()
            return writer.endObject()
        }
        guard depth < maximumDepth || (last.number != 5 && last.number != 6) else { return note("… (nested too deep)", to: &writer) }
        writer.beginObject()
        switch last.number {
        case 1:
            writer.key("stringValue")
            text(last.content, to: &writer)
        case 2:
            writer.key("boolValue")
            writer.value(last.value != 0)
        case 3:
            writer.key("intValue")
            writer.value(Int64(bitPattern: last.value), isQuoted: true)
        case 4:
            writer.key("doubleValue")
            writer.value(Double(bitPattern: last.value))
        case 5:
            writer.key("arrayValue")
            writer.beginObject()
            writer.key("values")
            elements(last.content, depth: depth + 1, to: &writer)
            writer.endObject()
        case 6:
            writer.key("kvlistValue")
            writer.beginObject()
            writer.key("values")
            writer.beginArray()
            keyValues(1, of: last.content, depth: depth + 1, to: &writer)
            writer.endArray()
            writer.endObject()
        default:
            writer.key("bytesValue")
            writer.value(base64: UnsafeRawBufferPointer(rebasing: last.content.prefix(maximumTextBytes)))
        }
        writer.endObject()
    }

    private static func elements(_ message: UnsafeRawBufferPointer, depth: Int, to writer: inout JSONWriter) {
        var walker = WireWalker(message)
        var count = 0
        writer.beginArray()
        while (try? walker.next()) == true {
            guard walker.number == 1, walker.hasContent else { continue }
            count += 1
            if count <= maximumElements { value(walker.content, depth: depth, to: &writer) }
        }
        if count > maximumElements { note("… (\(count - maximumElements) more)", to: &writer) }
        writer.endArray()
    }

    private static func note(_ text: String, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("stringValue")
        writer.value(text: text)
        writer.endObject()
    }

    /// Writes a text of telemetry.
    static func text(_ bytes: UnsafeRawBufferPointer, to writer: inout JSONWriter) {
        if bytes.count <= maximumTextBytes { return writer.value(text: bytes) }
        writer.value(text: Untrusted.text(bytes, limit: maximumTextBytes))
    }
}

extension JSONWriter {
    /// Writes a member whose value is text.
    mutating func member(_ key: StaticString, _ text: String) {
        self.key(key)
        value(text: text)
    }

    /// Writes a member whose value is a number of up to 53 bits.
    mutating func member(_ key: StaticString, _ number: Int) {
        self.key(key)
        value(number)
    }

    /// Writes a member whose value is a number of 64 bits, as text.
    mutating func member(_ key: StaticString, quoted number: some FixedWidthInteger) {
        self.key(key)
        value(number, isQuoted: true)
    }

    mutating func member(_ key: StaticString, _ truth: Bool) {
        self.key(key)
        value(truth)
    }

    mutating func member(_ key: StaticString, _ number: Double) {
        self.key(key)
        guard number.isFinite else { return null() }
        // Whole numbers are written as such, which is how most readers of JSON would write them.
        if let whole = Int(exactly: number), whole.magnitude < 1 << 53 { value(whole) } else { value(number) }
    }

    /// Writes a member whose value is an identifier, empty for zero.
    mutating func member(_ key: StaticString, identifier: UInt64) {
        member(key, identifier == 0 ? "" : HexadecimalText.text(identifier))
    }
}
