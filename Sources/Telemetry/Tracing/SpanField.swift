// The tags of OTLP's `Span` message.

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
}
