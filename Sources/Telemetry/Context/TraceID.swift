// Trace identifiers and their two forms, bytes and hexadecimal digits.

/// Identifies a trace: 16 bytes, valid when not all are zero.
public struct TraceID: Sendable, Hashable {
    /// The first eight bytes, read as a big-endian number.
    let high: UInt64
    /// The last eight bytes, read as a big-endian number.
    let low: UInt64

    @inline(__always)
    init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// The identifier of no trace.
    public static var invalid: TraceID { TraceID(high: 0, low: 0) }

    /// Takes exactly 16 bytes, all zero included; nil for any other count.
    public init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 16 else { return nil }
        high = bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
        low = bytes.suffix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// Takes exactly 32 hexadecimal digits; nil for anything else.
    public init?(hexadecimal text: some StringProtocol) {
        let digits = text.utf8
        guard digits.count == 32, let high = Hexadecimal.number(digits.prefix(16)), let low = Hexadecimal.number(digits.suffix(16))
        else { return nil }
        self.init(high: high, low: low)
    }

    /// True unless all bytes are zero. (Specification: trace API, "SpanContext".)
    @inline(__always)
    public var isValid: Bool { high | low != 0 }

    /// The 16 bytes.
    public var bytes: [UInt8] { Hexadecimal.bigEndianBytes(high) + Hexadecimal.bigEndianBytes(low) }
}

extension TraceID: CustomStringConvertible {
    /// 32 lower-case hexadecimal digits.
    public var description: String { Hexadecimal.text(high) + Hexadecimal.text(low) }
}
