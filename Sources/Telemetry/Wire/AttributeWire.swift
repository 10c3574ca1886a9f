// The encoder of attributes to memory whose size was added up before.

/// Adds up the sizes of OTLP's `KeyValue` and `AnyValue` messages, and writes them.
enum AttributeWire {
    /// Returns the size of the `KeyValue` message, without its own tag and length.
    static func size(key: String, value: AttributeValue, limits: AttributeValueLimits) -> Int {
        2 + WireSize.lengthDelimited(key.utf8.count) + WireSize.lengthDelimited(size(of: value, limits: limits))
    }

    /// Writes the `KeyValue` message, without its own tag and length.
    static func write(
        key: String, value: AttributeValue, limits: AttributeValueLimits, to cursor: inout WireCursor
    ) {
        let start = cursor.pointer
        let keyCount = key.utf8.count
        cursor.lengthDelimited(OTLPSchema.KeyValue.key.tag, keyCount)
        cursor.text(key, count: keyCount)
        cursor.lengthDelimited(OTLPSchema.KeyValue.value.tag, size(of: value, limits: limits))
        write(value, limits: limits, to: &cursor)
        assert(cursor.pointer == start + size(key: key, value: value, limits: limits), "An attribute takes the bytes that were added up.")
    }

    /// Returns the size of the `AnyValue` message, without its own tag and length.
    static func size(of value: AttributeValue, limits: AttributeValueLimits) -> Int {
        switch value {
        case .string(let text): 1 + WireSize.lengthDelimited(limits.keptBytes(of: text))
        case .bool: 2
        case .int(let number): 1 + WireSize.varint(UInt64(bitPattern: number))
        case .double: 9
        case .empty: 0
        default: sizeOfNesting(value, limits: limits, at: NestingPlace())
        }
    }

    /// Writes the `AnyValue` message, without its own tag and length.
    static func write(_ value: AttributeValue, limits: AttributeValueLimits, to cursor: inout WireCursor) {
        switch value {
        case .string(let text):
            let count = limits.keptBytes(of: text)
            cursor.lengthDelimited(OTLPSchema.AnyValue.string.tag, count)
            cursor.text(text, count: count)
        case .bool(let truth): cursor.twoBytes(OTLPSchema.AnyValue.bool.tag, truth ? 1 : 0)
        case .int(let number):
            cursor.tag(OTLPSchema.AnyValue.int)
            cursor.varint(UInt64(bitPattern: number))
        case .double(let number):
            cursor.tag(OTLPSchema.AnyValue.double)
            cursor.fixed64(number.bitPattern)
        case .empty: break
        default: writeNesting(value, limits: limits, at: NestingPlace(), to: &cursor)
        }
    }
}

/// How deep a value is nested in the value of an attribute.
private struct NestingPlace {
    /// 1 for the attribute's own value.
    private(set) var depth = 1
    /// The number of protobuf messages between the attribute's own value and this one.
    private(set) var messages = 0

    /// Returns the place of an array's elements, each a message in the array's message; nil if the limits drop them.
    func elements(_ limits: AttributeValueLimits) -> NestingPlace? { inner(messages: 2, limits) }

    /// Returns the place of a map's values, each in an entry's message in the map's message; nil if the limits drop them.
    func entries(_ limits: AttributeValueLimits) -> NestingPlace? { inner(messages: 3, limits) }

    private func inner(messages count: Int, _ limits: AttributeValueLimits) -> NestingPlace? {
        guard depth <= limits.depth, messages + count <= limits.messages else { return nil }
        var inner = self
        inner.depth += 1
        inner.messages += count
        return inner
    }
}

extension AttributeWire {
    /// Returns the size of any value at any depth; a value below the limit of depth counts as empty.
    @inline(never)
    private static func sizeOfNesting(_ value: AttributeValue, limits: AttributeValueLimits, at place: NestingPlace) -> Int {
        switch value {
        case .bytes(let bytes): return 1 + WireSize.lengthDelimited(min(bytes.count, limits.length))
        case .array(let values):
            guard let inner = place.elements(limits) else { return 0 }
            return 1 + WireSize.lengthDelimited(contentSize(of: values, limits: limits, at: inner))
        case .map(let entries):
            guard let inner = place.entries(limits) else { return 0 }
            return 1 + WireSize.lengthDelimited(contentSize(of: entries, limits: limits, at: inner))
        default: return size(of: value, limits: limits)
        }
    }

    private static func contentSize(of values: [AttributeValue], limits: AttributeValueLimits, at place: NestingPlace) -> Int {
        values.reduce(0) { $0 + 1 + WireSize.lengthDelimited(sizeOfNesting($1, limits: limits, at: place)) }
    }

    private static func contentSize(
        of entries: [String: AttributeValue], limits: AttributeValueLimits, at place: NestingPlace
    ) -> Int {
        entries.reduce(0) { $0 + 1 + WireSize.lengthDelimited(entrySize($1.key, $1.value, limits: limits, at: place)) }
    }

    private static func entrySize(_ key: String, _ value: AttributeValue, limits: AttributeValueLimits, at place: NestingPlace) -> Int {
        2 + WireSize.lengthDelimited(key.utf8.count) + WireSize.lengthDelimited(sizeOfNesting(value, limits: limits, at: place))
    }

    @inline(never)
    private static func writeNesting(
        _ value: AttributeValue, limits: AttributeValueLimits, at place: NestingPlace, to cursor: inout WireCursor
    ) {
        switch value {
        case .bytes(let bytes):
            let count = min(bytes.count, limits.length)
            cursor.lengthDelimited(OTLPSchema.AnyValue.bytes.tag, count)
            bytes.withUnsafeBytes { cursor.copy(UnsafeRawBufferPointer(rebasing: $0.prefix(count))) }
        case .array(let values):
            guard let inner = place.elements(limits) else { return }
            DeepNesting.record(inner.messages)
            cursor.lengthDelimited(OTLPSchema.AnyValue.array.tag, contentSize(of: values, limits: limits, at: inner))
            for element in values {
                cursor.lengthDelimited(OTLPSchema.ArrayValue.values.tag, sizeOfNesting(element, limits: limits, at: inner))
                writeNesting(element, limits: limits, at: inner, to: &cursor)
            }
        case .map(let entries):
            guard let inner = place.entries(limits) else { return }
            DeepNesting.record(inner.messages)
            cursor.lengthDelimited(OTLPSchema.AnyValue.keyValueList.tag, contentSize(of: entries, limits: limits, at: inner))
            // The entries are sorted, so that equal maps give the same bytes.
            for (key, element) in entries.sorted(by: { $0.key < $1.key }) {
                cursor.lengthDelimited(OTLPSchema.KeyValueList.values.tag, entrySize(key, element, limits: limits, at: inner))
                cursor.lengthDelimited(OTLPSchema.KeyValue.key.tag, key.utf8.count)
                cursor.text(key, count: key.utf8.count)
                cursor.lengthDelimited(OTLPSchema.KeyValue.value.tag, sizeOfNesting(element, limits: limits, at: inner))
                writeNesting(element, limits: limits, at: inner, to: &cursor)
            }
        default: write(value, limits: limits, to: &cursor)
        }
    }
}
