// The writer of nested protobuf messages whose sizes are not known before they are written.

import Telemetry

/// Writes protobuf fields one after another; a message inside another one gets its length once it is complete.
package struct NestedWireWriter {
    package private(set) var bytes: [UInt8] = []

    package init() {}

    /// The place of a field that has begun, and of its content.
    package struct Mark {
        fileprivate let field: Int
        fileprivate let content: Int
    }

    package var count: Int { bytes.count }

    package mutating func reserve(_ capacity: Int) { bytes.reserveCapacity(capacity) }

    package mutating func varint(_ value: UInt64) { bytes.append(varint: value) }

    package mutating func field(_ number: Int, varint value: UInt64) {
        varint(UInt64(number) << 3)
        varint(value)
    }

    package mutating func field(_ number: Int, fixed32 value: UInt32) {
        varint(UInt64(number) << 3 | UInt64(WireType.fixed32.rawValue))
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    package mutating func field(_ number: Int, fixed64 value: UInt64) {
        varint(UInt64(number) << 3 | UInt64(WireType.fixed64.rawValue))
        append(fixed64: value)
    }

    package mutating func append(fixed64 value: UInt64) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    package mutating func append(_ more: some Sequence<UInt8>) { bytes.append(contentsOf: more) }

    package mutating func append(_ byte: UInt8) { bytes.append(byte) }

    /// Begins a length-delimited field; everything that is written until ``end(_:)`` is its content.
    package mutating func begin(_ number: Int) -> Mark {
        let field = bytes.count
        varint(UInt64(number) << 3 | UInt64(WireType.lengthDelimited.rawValue))
        bytes.append(0)
        return Mark(field: field, content: bytes.count)
    }

    /// Ends a field: writes its length, for which one byte was reserved, and makes room if that is longer.
    package mutating func end(_ mark: Mark) {
        let size = bytes.count - mark.content
        guard size >= 0x80 else { return bytes[mark.content - 1] = UInt8(size) }
        var length: [UInt8] = []
        length.append(varint: UInt64(size))
        bytes.replaceSubrange(mark.content - 1..<mark.content, with: length)
    }

    /// Removes a field and everything written since it began.
    package mutating func discard(_ mark: Mark) { bytes.removeLast(bytes.count - mark.field) }
}
