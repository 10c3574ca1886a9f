// Hot: parses and formats `traceparent` for each request.

/// The `traceparent` header. (W3C Trace Context Level 2, "traceparent Header".)
enum TraceParent {
    static let length = 55

    /// The flags that are defined; all others are ignored and sent as zero. (W3C Trace Context, "Other Flags".)
    private static let knownFlags: UInt8 = TraceFlags.sampled.rawValue | TraceFlags.random.rawValue

    private static let hyphen = UInt8(ascii: "-")

    /// Parses a header value; nil unless it is valid. White space around it belongs to HTTP and is ignored.
    @inline(__always)
    static func parse(_ text: String) -> (traceID: TraceID, spanID: SpanID, flags: TraceFlags)? {
        text.withHeaderBytes { untrimmed in parse(untrimmed) }
    }

    private static func parse(_ untrimmed: UnsafeBufferPointer<UInt8>) -> (traceID: TraceID, spanID: SpanID, flags: TraceFlags)? {
        let bytes = HeaderGrammar.trimmed(untrimmed)
        guard bytes.count >= length, let base = bytes.baseAddress,
            bytes[2] == hyphen, bytes[35] == hyphen, bytes[52] == hyphen,
            let version = lowerCaseByte(bytes[0], bytes[1]), version != 0xff,
            let flags = lowerCaseByte(bytes[53], bytes[54])
        else { return nil }
        // A later version may have further fields after another hyphen; version 00 may not. ("Versioning of traceparent")
        if bytes.count > length, version == 0 || bytes[length] != hyphen { return nil }
        assert(bytes.count >= 36 + 16, "All three numbers lie within the bytes.")
        let address = UnsafeRawPointer(base)
        let high = Hexadecimal.lowerCaseNumber(at: address + 3)
        let low = Hexadecimal.lowerCaseNumber(at: address + 19)
        let span = Hexadecimal.lowerCaseNumber(at: address + 36)
        let traceID = TraceID(high: high.number, low: low.number)
        let spanID = SpanID(span.number)
        guard high.isValid && low.isValid && span.isValid, traceID.isValid, spanID.isValid else { return nil }
        return (traceID, spanID, TraceFlags(rawValue: flags & knownFlags))
    }

    /// Returns the header value, of version 00, for a valid span context.
    static func text(traceID: TraceID, spanID: SpanID, flags: TraceFlags) -> String {
        assert(traceID.isValid && spanID.isValid, "A header names a valid span.")
        return String(unsafeUninitializedCapacity: length) { buffer in
            assert(buffer.count >= length, "The buffer has room for the whole header.")
            let address = UnsafeMutableRawPointer(buffer.baseAddress.unsafelyUnwrapped)
            buffer[0] = UInt8(ascii: "0")
            buffer[1] = UInt8(ascii: "0")
            buffer[2] = hyphen
            Hexadecimal.write(traceID.high, to: address + 3)
            Hexadecimal.write(traceID.low, to: address + 19)
            buffer[35] = hyphen
            Hexadecimal.write(spanID.number, to: address + 36)
            buffer[52] = hyphen
            buffer[53] = UInt8(ascii: "0")
            buffer[54] = Hexadecimal.digit(flags.rawValue & knownFlags)
            return length
        }
    }

    @inline(__always)
    private static func lowerCaseByte(_ first: UInt8, _ second: UInt8) -> UInt8? {
        // Upper-case letters are the only digits without bit 5.
        guard let high = Hexadecimal.value(of: first), let low = Hexadecimal.value(of: second), first & second & 0x20 != 0
        else { return nil }
        return high << 4 | low
    }
}
