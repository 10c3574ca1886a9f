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
        // White space is no digit: it need not be looked for in a text of the right length.
        let bytes = untrimmed.count == length ? untrimmed : HeaderGrammar.trimmed(untrimmed)
        guard bytes.count >= length, let base = bytes.baseAddress, bytes[2] == hyphen, bytes[35] == hyphen, bytes[52] == hyphen
        else { return nil }
        let address = UnsafeRawPointer(base)
        let (version, flags, areDigits) = ends(address)
        guard areDigits, version != 0xff else { return nil }
        // A later version may have further fields after another hyphen; version 00 may not. ("Versioning of traceparent")
        if bytes.count > length, version == 0 || bytes[length] != hyphen { return nil }
        assert(bytes.count >= 36 + 16, "All three numbers lie within the bytes.")
        var errors = SIMD2<UInt64>()
        let high = Hexadecimal.lowerCaseNumber(at: address + 3, &errors)
        let low = Hexadecimal.lowerCaseNumber(at: address + 19, &errors)
        let span = Hexadecimal.lowerCaseNumber(at: address + 36, &errors)
        let traceID = TraceID(high: high, low: low)
        let spanID = SpanID(span)
        guard errors[0] | errors[1] == 0, traceID.isValid, spanID.isValid else { return nil }
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

    /// Returns the version and the flags of a header value at an address: the two digits at each end of it.
    @inline(__always)
    private static func ends(_ address: UnsafeRawPointer) -> (version: UInt8, flags: UInt8, areDigits: Bool) {
        let version = UInt16(littleEndian: address.loadUnaligned(as: UInt16.self))
        let flags = UInt16(littleEndian: address.loadUnaligned(fromByteOffset: 53, as: UInt16.self))
        let digits: UInt64 = 0x3030_3030 | UInt64(version) << 32 | UInt64(flags) << 48
        let (number, areDigits) = Hexadecimal.eightDigits(UInt64(littleEndian: digits))
        return (UInt8(truncatingIfNeeded: number >> 8), UInt8(truncatingIfNeeded: number), areDigits)
    }
}
