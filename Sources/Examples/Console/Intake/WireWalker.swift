// Hot: the quick reader of protobuf for what is received, which decodes nothing but what the index needs.

package import Telemetry

/// Walks over the fields of a protobuf message in memory that outlives it; any bytes give fields or an error, never a trap.
///
/// It does what ``WireReader`` does, but is compiled into its callers: receivers walk over every field of every span.
package struct WireWalker {
    private let base: UnsafeRawPointer
    private let count: Int
    /// The place of the next byte.
    package private(set) var place = 0
    /// The number and layout of the last field.
    package private(set) var number = 0
    private var layout: UInt8 = 0
    /// The value of the last field if it is a number.
    package private(set) var value: UInt64 = 0
    /// The place and length of the content of the last field if it has one; the length is zero otherwise.
    package private(set) var contentStart = 0
    package private(set) var contentCount = 0

    @inline(__always)
    package init(_ bytes: UnsafeRawBufferPointer) {
        // An empty buffer may have no address; nothing is read from this one.
        base = bytes.baseAddress ?? UnsafeRawPointer(bitPattern: 1).unsafelyUnwrapped
        count = bytes.count
    }

    /// True if the last field has a content of bytes.
    @inline(__always)
    package var hasContent: Bool { layout == 2 }

    /// The content of the last field; empty for a number.
    @inline(__always)
    package var content: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base + contentStart, count: contentCount) }

    /// Moves to the next field; returns false at the end of the message.
    @inline(__always)
    package mutating func next() throws(WireError) -> Bool {
        guard place < count else { return false }
        let tag = try varint()
        guard tag >> 3 > 0, tag >> 3 < 1 << 29 else { throw .badTag(tag) }
        number = Int(truncatingIfNeeded: tag >> 3)
        layout = UInt8(truncatingIfNeeded: tag & 7)
        contentCount = 0
        switch layout {
        case 0: value = try varint()
        case 1:
            guard count &- place >= 8 else { throw .truncated }
            value = UInt64(littleEndian: base.loadUnaligned(fromByteOffset: place, as: UInt64.self))
            place &+= 8
        case 2:
            let length = try varint()
            guard length <= UInt64(count &- place) else { throw .truncated }
            contentStart = place
            contentCount = Int(truncatingIfNeeded: length)
            place &+= contentCount
        case 5:
            guard count &- place >= 4 else { throw .truncated }
            value = UInt64(UInt32(littleEndian: base.loadUnaligned(fromByteOffset: place, as: UInt32.self)))
            place &+= 4
        default: throw .badTag(tag)
        }
        return true
    }

    @inline(__always)
    private mutating func varint() throws(WireError) -> UInt64 {
        guard place < count else { throw .truncated }
        let first = base.load(fromByteOffset: place, as: UInt8.self)
        if first < 0x80 {
            place &+= 1
            return UInt64(first)
        }
        return try longVarint()
    }

    @inline(never)
    private mutating func longVarint() throws(WireError) -> UInt64 {
        var result: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            guard place < count else { throw .truncated }
            let byte = base.load(fromByteOffset: place, as: UInt8.self)
            place &+= 1
            guard shift < 63 || byte < 2 else { throw .varintTooLong }
            result |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return result }
            shift &+= 7
        }
    }
}

extension UnsafeRawBufferPointer {
    /// The eight bytes at a place as a big-endian number, which identifiers are.
    @inline(__always)
    func bigEndian(at place: Int) -> UInt64 {
        assert(place >= 0 && place + 8 <= count, "The number lies within the bytes.")
        return UInt64(bigEndian: loadUnaligned(fromByteOffset: place, as: UInt64.self))
    }

    /// The part of the memory that the place describes.
    func part(_ start: Int, _ length: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: self[start..<start + length])
    }
}
