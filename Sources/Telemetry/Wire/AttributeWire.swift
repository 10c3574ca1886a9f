// The bytes of attributes, as OTLP's `KeyValue` and `AnyValue`.

/// Sizes and writes attributes as OTLP `KeyValue` messages.
enum AttributeWire {
    /// The bytes of the `KeyValue` message, without its own tag and length.
    static func size(key: String, value: AttributeValue, limits: AttributeValueLimits) -> Int {
        2 + WireSize.lengthDelimited(key.utf8.count) + WireSize.lengthDelimited(size(of: value, limits: limits))
    }

    /// Writes the `KeyValue` message, without its own tag and length.
    static func write(
        key: String, value: AttributeValue, limits: AttributeValueLimits, to cursor: inout WireCursor
    ) {
        cursor.byte(0x0A)
        let keyCount = key.utf8.count
        cursor.varint(UInt64(truncatingIfNeeded: keyCount))
        cursor.text(key, count: keyCount)
        cursor.byte(0x12)
        cursor.varint(UInt64(truncatingIfNeeded: size(of: value, limits: limits)))
        write(value, limits: limits, to: &cursor)
    }

    /// The bytes of the `AnyValue` message, without its own tag and length.
    static func size(of value: AttributeValue, limits: AttributeValueLimits) -> Int {
        switch value {
        case .string(let text): 1 + WireSize.lengthDelimited(limits.keptBytes(of: text))
        case .bool: 2
        case .int(let number): 1 + WireSize.varint(UInt64(bitPattern: number))
        case .double: 9
        case .empty: 0
        default: sizeOfNesting(value, limits: limits, depth: 1)
        }
    }

    /// Writes the `AnyValue` message, without its own tag and length.
    static func write(_ value: AttributeValue, limits: AttributeValueLimits, to cursor: inout WireCursor) {
        switch value {
        case .string(let text):
            let count = limits.keptBytes(of: text)
            cursor.byte(0x0A)
            cursor.varint(UInt64(truncatingIfNeeded: count))
            cursor.text(text, count: count)
        case .bool(let truth): cursor.twoBytes(0x10, truth ? 1 : 0)
        case .int(let number):
            cursor.byte(0x18)
            cursor.varint(UInt64(bitPattern: number))
        case .double(let number):
            cursor.byte(0x21)
            cursor.fixed64(number.bitPattern)
        case .empty: break
        default: writeNesting(value, limits: limits, depth: 1, to: &cursor)
        }
    }
}

extension AttributeWire {
    /// Any value at any depth; what lies below the limit counts as empty.
    @inline(never)
    private static func sizeOfNesting(_ value: AttributeValue, limits: AttributeValueLimits, depth: Int) -> Int {
        switch value {
        case .bytes(let bytes): return 1 + WireSize.lengthDelimited(min(bytes.count, limits.length))
        case .array(let values):
            guard depth <= limits.depth else { return 0 }
            return 1 + WireSize.lengthDelimited(contentSize(of: values, limits: limits, depth: depth))
        case .map(let entries):
            guard depth <= limits.depth else { return 0 }
            return 1 + WireSize.lengthDelimited(contentSize(of: entries, limits: limits, depth: depth))
        default: return size(of: value, limits: limits)
        }
    }

    private static func contentSize(of values: [AttributeValue], limits: AttributeValueLimits, depth: Int) -> Int {
        values.reduce(0) { $0 + 1 + WireSize.lengthDelimited(sizeOfNesting($1, limits: limits, depth: depth + 1)) }
    }

    private static func contentSize(of entries: [String: AttributeValue], limits: AttributeValueLimits, depth: Int) -> Int {
        entries.reduce(0) { $0 + 1 + WireSize.lengthDelimited(entrySize($1.key, $1.value, limits: limits, depth: depth)) }
    }

    private static func entrySize(_ key: String, _ value: AttributeValue, limits: AttributeValueLimits, depth: Int) -> Int {
        2 + WireSize.lengthDelimited(key.utf8.count)
            + WireSize.lengthDelimited(sizeOfNesting(value, limits: limits, depth: depth + 1))
    }

    @inline(never)
    private static func writeNesting(
        _ value: AttributeValue, limits: AttributeValueLimits, depth: Int, to cursor: inout WireCursor
    ) {
        switch value {
        case .bytes(let bytes):
            let count = min(bytes.count, limits.length)
            cursor.byte(0x3A)
            cursor.varint(UInt64(count))
            bytes.withUnsafeBytes { cursor.copy(UnsafeRawBufferPointer(rebasing: $0.prefix(count))) }
        case .array(let values):
            guard depth <= limits.depth else { return }
            cursor.byte(0x2A)
            cursor.varint(UInt64(contentSize(of: values, limits: limits, depth: depth)))
            for element in values {
                cursor.byte(0x0A)
                cursor.varint(UInt64(sizeOfNesting(element, limits: limits, depth: depth + 1)))
                writeNesting(element, limits: limits, depth: depth + 1, to: &cursor)
            }
        case .map(let entries):
            guard depth <= limits.depth else { return }
            cursor.byte(0x32)
            cursor.varint(UInt64(contentSize(of: entries, limits: limits, depth: depth)))
            // Sorted, so that the same value always gives the same bytes.
            for (key, element) in entries.sorted(by: { $0.key < $1.key }) {
                cursor.byte(0x0A)
                cursor.varint(UInt64(entrySize(key, element, limits: limits, depth: depth)))
                cursor.byte(0x0A)
                cursor.varint(UInt64(key.utf8.count))
                cursor.text(key, count: key.utf8.count)
                cursor.byte(0x12)
                cursor.varint(UInt64(sizeOfNesting(element, limits: limits, depth: depth + 1)))
                writeNesting(element, limits: limits, depth: depth + 1, to: &cursor)
            }
        default: write(value, limits: limits, to: &cursor)
        }
    }
}
