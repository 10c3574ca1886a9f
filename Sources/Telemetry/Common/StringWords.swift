// Hot: the bytes of short strings, which are in the string itself.

/// Reads strings of up to 15 bytes without writing their bytes to memory.
enum StringWords {
    /// Returns the words of a string that holds its bytes itself, in the order of memory; nil for any other. The last byte is made of its length.
    ///
    /// (Swift, StringObject.swift: "small strings", part of the stable ABI.)
    @inline(__always)
    static func words(of text: String) -> (UInt64, UInt64)? {
        #if _pointerBitWidth(_64) && _endian(little) && !os(Android)
            let words = unsafeBitCast(text, to: (UInt64, UInt64).self)
            return words.1 & 0x2000_0000_0000_0000 != 0 ? words : nil
        #else
            return nil
        #endif
    }
}
