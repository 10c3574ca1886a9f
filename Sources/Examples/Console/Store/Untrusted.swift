// Text of telemetry, which anybody may have written.

/// Makes text of received bytes.
enum Untrusted {
    /// Returns the text of bytes, at most so many of them; a longer text ends with a mark that has its length.
    ///
    /// Bytes that are not UTF-8 become replacement characters.
    static func text(_ bytes: UnsafeRawBufferPointer, limit: Int) -> String {
        guard bytes.count > limit else { return String(decoding: bytes, as: UTF8.self) }
        return String(decoding: bytes[..<cut(bytes, limit)], as: UTF8.self) + mark(bytes.count)
    }

    /// The end of a text that was cut.
    static func mark(_ count: Int) -> String { "… (\(count) bytes)" }

    /// Returns the largest number of bytes up to the limit that ends between two scalars.
    static func cut(_ bytes: UnsafeRawBufferPointer, _ limit: Int) -> Int {
        var end = limit
        // Later bytes of a scalar are 10xxxxxx.
        while end > 0, end > limit - 4, bytes[end] & 0xC0 == 0x80 { end -= 1 }
        return end
    }
}
