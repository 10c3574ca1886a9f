// The lexical rules that `traceparent`, `tracestate` and `baggage` share.

/// Classifies and trims the bytes of header values.
enum HeaderGrammar {
    static let comma = UInt8(ascii: ",")
    static let equals = UInt8(ascii: "=")
    static let semicolon = UInt8(ascii: ";")
    static let percent = UInt8(ascii: "%")

    /// Whether a byte is optional white space (RFC 9110, "OWS").
    @inline(__always)
    static func isWhiteSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

    /// Whether a byte is printable ASCII, a space included.
    @inline(__always)
    static func isPrintable(_ byte: UInt8) -> Bool { byte >= 0x20 && byte <= 0x7e }

    /// Returns the bytes without white space around them.
    @inline(__always)
    static func trimmed(_ bytes: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
        let range = trimmed(0..<bytes.count, of: bytes)
        return UnsafeBufferPointer(rebasing: bytes[range])
    }

    /// Returns the range without white space around it.
    @inline(__always)
    static func trimmed(_ range: Range<Int>, of bytes: UnsafeBufferPointer<UInt8>) -> Range<Int> {
        var (start, end) = (range.lowerBound, range.upperBound)
        while start < end, isWhiteSpace(bytes[start]) { start += 1 }
        while start < end, isWhiteSpace(bytes[end - 1]) { end -= 1 }
        return start..<end
    }

    /// Returns the position of the next byte that is not printable or is a space, comma or equals sign; checks 8 bytes at once.
    @inline(__always)
    static func endOfPlain(in bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
        assert(bytes.baseAddress != nil && (0...bytes.count).contains(start), "The position lies within the bytes.")
        var position = start
        let base = UnsafeRawPointer(bytes.baseAddress.unsafelyUnwrapped)
        let eachByte: UInt64 = 0x0101_0101_0101_0101
        while position &+ 8 <= bytes.count {
            let text = UInt64(littleEndian: base.loadUnaligned(fromByteOffset: position, as: UInt64.self))
            let commas = text ^ (eachByte &* UInt64(comma))
            let equalSigns = text ^ (eachByte &* UInt64(equals))
            // The high bit of the first such byte is set; bits of later bytes may be set in error.
            let below = (text &- eachByte &* 0x21) & ~text
            let above = text | (text &+ eachByte)
            let others = (below | above | (commas &- eachByte) & ~commas | (equalSigns &- eachByte) & ~equalSigns) & (eachByte &* 0x80)
            guard others == 0 else { return position &+ others.trailingZeroBitCount &>> 3 }
            position &+= 8
        }
        while position < bytes.count, isPlain(bytes[position]) { position &+= 1 }
        return position
    }

    @inline(__always)
    private static func isPlain(_ byte: UInt8) -> Bool { byte > 0x20 && byte < 0x7f && byte != comma && byte != equals }

    /// Returns whether two names of headers are equal without regard to case (RFC 9110, "Field Names").
    static func areSameName(_ left: String, _ right: String) -> Bool {
        guard left.utf8.count == right.utf8.count else { return false }
        return left.withHeaderBytes { left in
            right.withHeaderBytes { right in left.indices.allSatisfy { lowerCase(left[$0]) == lowerCase(right[$0]) } }
        }
    }

    private static func lowerCase(_ byte: UInt8) -> UInt8 {
        byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte
    }
}

extension String {
    /// Calls the closure with the text's UTF-8 in one piece, which native strings already have.
    @inline(__always)
    func withHeaderBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        if let result = utf8.withContiguousStorageIfAvailable(body) { return result }
        return Array(utf8).withUnsafeBufferPointer(body)
    }
}
