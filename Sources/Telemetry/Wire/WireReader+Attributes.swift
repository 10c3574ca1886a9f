// The decoder of OTLP's `KeyValue` and `AnyValue` messages.

extension WireReader {
    /// Levels of values in values that are read. Deeper input is refused, so that it cannot exhaust the stack.
    private static let maximumDepth = 132

    /// Reads a `KeyValue` message.
    package static func attribute(_ bytes: UnsafeRawBufferPointer, depth: Int = 0) throws(WireError) -> (key: String, value: AttributeValue)
    {
        var reader = WireReader(bytes)
        var key = ""
        var value = AttributeValue.empty
        while let field = try reader.next() {
            switch field.number {
            case OTLPSchema.KeyValue.key.number: key = field.text
            case OTLPSchema.KeyValue.value.number: value = try Self.value(field.bytes, depth: depth)
            default: break
            }
        }
        return (key, value)
    }

    /// Reads an `AnyValue` message.
    package static func value(_ bytes: UnsafeRawBufferPointer, depth: Int = 0) throws(WireError) -> AttributeValue {
        guard depth <= maximumDepth else { throw .nestedTooDeep }
        var reader = WireReader(bytes)
        var value = AttributeValue.empty
        while let field = try reader.next() {
            switch field.number {
            case OTLPSchema.AnyValue.string.number: value = .string(field.text)
            case OTLPSchema.AnyValue.bool.number: value = .bool(field.number64 != 0)
            case OTLPSchema.AnyValue.int.number: value = .int(Int64(bitPattern: field.number64))
            case OTLPSchema.AnyValue.double.number: value = .double(Double(bitPattern: field.number64))
            case OTLPSchema.AnyValue.array.number: value = .array(try elements(of: field.bytes, depth: depth + 1))
            case OTLPSchema.AnyValue.keyValueList.number: value = .map(try entries(of: field.bytes, depth: depth + 1))
            case OTLPSchema.AnyValue.bytes.number: value = .bytes(Array(field.bytes))
            default: break
            }
        }
        return value
    }

    private static func elements(of bytes: UnsafeRawBufferPointer, depth: Int) throws(WireError) -> [AttributeValue] {
        var reader = WireReader(bytes)
        var elements: [AttributeValue] = []
        while let field = try reader.next() {
            if field.number == OTLPSchema.ArrayValue.values.number { elements.append(try value(field.bytes, depth: depth)) }
        }
        return elements
    }

    private static func entries(of bytes: UnsafeRawBufferPointer, depth: Int) throws(WireError) -> [String: AttributeValue] {
        var reader = WireReader(bytes)
        var entries: [String: AttributeValue] = [:]
        while let field = try reader.next() {
            guard field.number == OTLPSchema.KeyValueList.values.number else { continue }
            let (key, value) = try attribute(field.bytes, depth: depth)
            entries[key] = value
        }
        return entries
    }
}
