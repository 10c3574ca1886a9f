// Numbers of protobuf, written without the SDK, for answers that the SDK reads.

/// Writes numbers in groups of seven bits.
enum ProtobufVarint {
    static func bytes(_ value: Int) -> [UInt8] {
        assert(value >= 0, "Negative numbers have ten bytes.")
        var bytes: [UInt8] = []
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(rest & 0x7F) | 0x80)
            rest >>= 7
        }
        return bytes + [UInt8(rest)]
    }
}
