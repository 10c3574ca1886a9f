// The sizes of protobuf values, which are added up before a `WireCursor` writes.

/// The sizes of protobuf values.
enum WireSize {
    @inline(__always)
    static func varint(_ value: UInt64) -> Int {
        value < 0x80 ? 1 : (70 &- value.leadingZeroBitCount) / 7
    }

    /// Returns the size of a length and as many bytes, without the tag.
    @inline(__always)
    static func lengthDelimited(_ count: Int) -> Int {
        varint(UInt64(truncatingIfNeeded: count)) &+ count
    }
}
