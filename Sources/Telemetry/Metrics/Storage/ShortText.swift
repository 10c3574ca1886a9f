// Hot: reads short strings without a call into the standard library.

/// The representation of strings of up to 15 bytes in the standard library.
///
/// The bytes lie in the two words of the string, least byte first, and the highest byte holds their count and a mark. Tests check it.
enum ShortText {
    static let contentMask: UInt64 = 0x00FF_FFFF_FFFF_FFFF
    private static let mark: UInt64 = 0x2000_0000_0000_0000

    @inline(__always)
    static func bits(of text: String) -> (UInt64, UInt64) { unsafeBitCast(text, to: (UInt64, UInt64).self) }

    /// Returns the length of a string that lies in the two words; nil for other strings.
    @inline(__always)
    static func count(_ bits: (UInt64, UInt64)) -> Int? {
        bits.1 & mark == 0 ? nil : Int(truncatingIfNeeded: bits.1 &>> 56 & 0x0F)
    }
}
