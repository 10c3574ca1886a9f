// Writes protobuf messages inside messages whose sizes are not known before they are written.

/// Writes protobuf fields one after another; a message inside another one gets its length once it is complete.
struct NestedWireWriter {
    private(set) var bytes: [UInt8] = []

    /// Where the content of a field that has been begun starts.
    struct Mark {
        fileprivate let field: Int
        fileprivate let content: Int
    }

    var count: Int { bytes.count }

    mutating func reserve(_ capacity: Int) { bytes.reserveCapacity(capacity) }

    mutating func varint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    mutating func field(_ number: Int, varint value: UInt64) {
        varint(UInt64(number) << 3)
        varint(value)
    }

    mutating func field(_ number: Int, fixed64 value: UInt64) {
        varint(UInt64(number) << 3 | 1)
        append(fixed64: value)
    }

    mutating func append(fixed64 value: UInt64) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func append(_ more: some Sequence<UInt8>) { bytes.append(contentsOf: more) }

    mutating func append(_ byte: UInt8) { bytes.append(byte) }

    /// Begins a field with a length; what is written until ``end(_:)`` is its content.
    mutating func begin(_ number: Int) -> Mark {
        let field = bytes.count
        varint(UInt64(number) << 3 | 2)
        bytes.append(0)
        return Mark(field: field, content: bytes.count)
    }

    /// Completes the field; the lengths of long ones need more than the one byte that was set aside.
    mutating func end(_ mark: Mark) {
        let size = bytes.count - mark.content
        guard size >= 0x80 else { return bytes[mark.content - 1] = UInt8(size) }
        var length: [UInt8] = []
        var rest = size
        while rest >= 0x80 {
            length.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        length.append(UInt8(rest))
        bytes.replaceSubrange(mark.content - 1..<mark.content, with: length)
    }

    /// Removes the field and all that has been written since.
    mutating func discard(_ mark: Mark) { bytes.removeLast(bytes.count - mark.field) }
}
