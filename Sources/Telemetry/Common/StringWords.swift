// Hot: the bytes of strings without a call of the standard library.

/// Reads the bytes of strings where they are: those of up to 15 bytes in the string itself, the others behind an address.
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

    /// Returns the bytes of a string that holds them in memory of its own, or of the program; nil for others.
    ///
    /// They lie there as long as the string lives, which ends with its last use: the caller extends it beyond that of the bytes. The standard
    /// library's way to them has a call, for strings made by Objective-C, around which callers save their registers. (Swift, StringObject.swift:
    /// "large strings", which are "tail-allocated", part of the stable ABI.)
    @inline(__always)
    static func stored(_ text: String) -> UnsafeRawBufferPointer? {
        #if _pointerBitWidth(_64) && _endian(little) && !os(Android)
            let words = unsafeBitCast(text, to: (UInt64, UInt64).self)
            // Neither short nor foreign, and the bytes follow the head of an object.
            guard words.1 & 0x3000_0000_0000_0000 == 0, words.0 & 0x1000_0000_0000_0000 != 0 else { return nil }
            let head = UnsafeRawPointer(bitPattern: UInt(words.1 & 0x0FFF_FFFF_FFFF_FFFF)).unsafelyUnwrapped
            let bytes = UnsafeRawBufferPointer(start: head + 32, count: Int(truncatingIfNeeded: words.0 & 0xFFFF_FFFF_FFFF))
            assert(
                text.utf8.withContiguousStorageIfAvailable {
                    $0.count == bytes.count && UnsafeRawPointer($0.baseAddress) == bytes.baseAddress
                } == true,
                "The bytes are those of the text.")
            return bytes
        #else
            return text.utf8.withContiguousStorageIfAvailable { UnsafeRawBufferPointer($0) }
        #endif
    }
}
