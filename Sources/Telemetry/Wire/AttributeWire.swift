// The bytes of attributes, as OTLP's `KeyValue` and `AnyValue`.

import Synchronization

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
        default: sizeOfNesting(value, limits: limits, at: NestingPlace())
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
        default: writeNesting(value, limits: limits, at: NestingPlace(), to: &cursor)
        }
    }
}

/// Where a value lies within the value of an attribute.
private struct NestingPlace {
    /// 1 for the attribute's own value.
    private(set) var depth = 1
    /// Protobuf messages between the attribute's own value and this one.
    private(set) var messages = 0

    /// The place of an array's elements, each of which is a message in the message of the array; nil where they are not kept.
    func elements(_ limits: AttributeValueLimits) -> NestingPlace? { inner(messages: 2, limits) }

    /// The place of a map's values, each of which lies in the message of an entry in the message of the map; nil where they are not kept.
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
    /// Any value at any depth; what lies below the limit counts as empty.
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
            cursor.byte(0x3A)
            cursor.varint(UInt64(count))
            bytes.withUnsafeBytes { cursor.copy(UnsafeRawBufferPointer(rebasing: $0.prefix(count))) }
        case .array(let values):
            guard let inner = place.elements(limits) else { return }
            DeepNesting.note(inner.messages)
            cursor.byte(0x2A)
            cursor.varint(UInt64(contentSize(of: values, limits: limits, at: inner)))
            for element in values {
                cursor.byte(0x0A)
                cursor.varint(UInt64(sizeOfNesting(element, limits: limits, at: inner)))
                writeNesting(element, limits: limits, at: inner, to: &cursor)
            }
        case .map(let entries):
            guard let inner = place.entries(limits) else { return }
            DeepNesting.note(inner.messages)
            cursor.byte(0x32)
            cursor.varint(UInt64(contentSize(of: entries, limits: limits, at: inner)))
            // Sorted, so that the same value always gives the same bytes.
            for (key, element) in entries.sorted(by: { $0.key < $1.key }) {
                cursor.byte(0x0A)
                cursor.varint(UInt64(entrySize(key, element, limits: limits, at: inner)))
                cursor.byte(0x0A)
                cursor.varint(UInt64(key.utf8.count))
                cursor.text(key, count: key.utf8.count)
                cursor.byte(0x12)
                cursor.varint(UInt64(sizeOfNesting(element, limits: limits, at: inner)))
                writeNesting(element, limits: limits, at: inner, to: &cursor)
            }
        default: write(value, limits: limits, to: &cursor)
        }
    }
}

/// Remembers whether values were recorded that are nested deeper than receivers are certain to read.
///
/// The limit of depth lets through 64 levels, which are up to 192 messages. Requests are searched for such values only after one has been
/// recorded, so that programs without them pay nothing.
enum DeepNesting {
    private static let isRecorded = Atomic(false)

    /// Whether a request may hold such values.
    static var mayOccur: Bool { isRecorded.load(ordering: .acquiring) }

    /// Called for each array and map with the number of messages between the attribute's value and those in it.
    fileprivate static func note(_ messages: Int) {
        // Released before the item's bytes are handed over, so that each request that holds them is searched.
        if messages > AttributeValueLimits.request.messages { isRecorded.store(true, ordering: .releasing) }
    }
}
