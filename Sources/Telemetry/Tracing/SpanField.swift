// The tags of OTLP's `Span` message, and finding a field in its bytes.

/// Tags and flags of the OTLP `Span` message that recording and reading share.
enum SpanField {
    static let attribute: UInt8 = 0x4A
    static let event: UInt8 = 0x5A
    static let link: UInt8 = 0x6A

    /// The `flags` field: the W3C flags, and whether the parent (or linked context) is remote, which is always known.
    @inline(__always)
    static func flags(_ flags: TraceFlags, parentIsRemote: Bool) -> UInt32 {
        UInt32(flags.rawValue) | 0x100 | (parentIsRemote ? 0x200 : 0)
    }

    /// The attribute with a key: its `KeyValue` message, and where the whole field lies.
    static func findAttribute(_ key: String, in bytes: UnsafeRawBufferPointer) -> (bytes: UnsafeRawBufferPointer, range: Range<Int>)? {
        var key = key
        return key.withUTF8 { key in
            var reader = WireReader(bytes)
            while let field = try? reader.next() {
                guard field.number == 9, hasKey(key, field.bytes) else { continue }
                return (field.bytes, field.range)
            }
            return nil
        }
    }

    /// Whether a `KeyValue` message that we wrote, its key first, has that key.
    private static func hasKey(_ key: UnsafeBufferPointer<UInt8>, _ message: UnsafeRawBufferPointer) -> Bool {
        var reader = WireReader(message)
        guard let field = try? reader.next(), field.number == 1, field.bytes.count == key.count else { return false }
        for index in 0..<key.count where field.bytes[index] != key[index] { return false }
        return true
    }
}
