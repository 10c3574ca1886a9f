// Span identifiers and their two forms, bytes and hexadecimal digits.

/// Identifies a span within its trace: 8 bytes, valid when not all are zero.
public struct SpanID: Sendable, Hashable {
    /// The eight bytes, read as a big-endian number.
    let number: UInt64

    @inline(__always)
    init(_ number: UInt64) {
        self.number = number
    }

    /// The identifier of no span.
    public static var invalid: SpanID { SpanID(0) }

    /// Takes exactly 8 bytes, all zero included; nil for any other count.
    public init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 8 else { return nil }
        number = bytes.reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// Takes exactly 16 hexadecimal digits; nil for anything else.
    public init?(hexadecimal text: some StringProtocol) {
        guard text.utf8.count == 16, let number = Hexadecimal.number(text.utf8) else { return nil }
        self.number = number
    }

    /// True unless all bytes are zero. (Specification: trace API, "SpanContext".)
    @inline(__always)
    public var isValid: Bool { number != 0 }

    /// The 8 bytes.
    public var bytes: [UInt8] { Hexadecimal.bigEndianBytes(number) }
}

extension SpanID: CustomStringConvertible {
    /// 16 lower-case hexadecimal digits.
    public var description: String { Hexadecimal.text(number) }
}
