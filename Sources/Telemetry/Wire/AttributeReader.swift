// Reads attributes back from OTLP's `KeyValue` and `AnyValue`.

extension WireReader {
    /// Nesting that is read; deeper bytes are refused, so that hostile input cannot exhaust the stack.
    private static let maximumDepth = 132

    /// Reads a `KeyValue` message.
    static func attribute(_ bytes: UnsafeRawBufferPointer, depth: Int = 0) throws(WireError) -> (key: String, value: AttributeValue) {
        var reader = WireReader(bytes)
        var key = ""
        var value = AttributeValue.empty
        while let field = try reader.next() {
            switch field.number {
            case 1: key = field.text
            case 2: value = try Self.value(field.bytes, depth: depth)
            default: break
            }
        }
        return (key, value)
    }

    /// Reads an `AnyValue` message.
    static func value(_ bytes: UnsafeRawBufferPointer, depth: Int = 0) throws(WireError) -> AttributeValue {
        guard depth <= maximumDepth else { throw .nestedTooDeep }
        var reader = WireReader(bytes)
        var value = AttributeValue.empty
        while let field = try reader.next() {
            switch field.number {
            case 1: value = .string(field.text)
            case 2: value = .bool(field.number64 != 0)
            case 3: value = .int(Int64(bitPattern: field.number64))
            case 4: value = .double(Double(bitPattern: field.number64))
            case 5: value = .array(try elements(of: field.bytes, depth: depth + 1))
            case 6: value = .map(try entries(of: field.bytes, depth: depth + 1))
            case 7: value = .bytes(Array(field.bytes))
            default: break
            }
        }
        return value
    }

    private static func elements(of bytes: UnsafeRawBufferPointer, depth: Int) throws(WireError) -> [AttributeValue] {
        var reader = WireReader(bytes)
        var elements: [AttributeValue] = []
        while let field = try reader.next() {
            if field.number == 1 { elements.append(try value(field.bytes, depth: depth)) }
        }
        return elements
    }

    private static func entries(of bytes: UnsafeRawBufferPointer, depth: Int) throws(WireError) -> [String: AttributeValue] {
        var reader = WireReader(bytes)
        var entries: [String: AttributeValue] = [:]
        while let field = try reader.next() {
            guard field.number == 1 else { continue }
            let (key, value) = try attribute(field.bytes, depth: depth)
            entries[key] = value
        }
        return entries
    }
}
