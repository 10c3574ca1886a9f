// Protobuf's variable-length integers, for writers that collect bytes in an array.

extension Array where Element == UInt8 {
    /// Appends an integer as seven bits a byte, the lowest first.
    package mutating func append(varint value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        append(UInt8(truncatingIfNeeded: rest))
    }
}
