// The decoder of protobuf from any source.

/// The reason why bytes are not a protobuf message.
package enum WireError: Error, Equatable {
    case truncated
    case varintTooLong
    case badTag(UInt64)
    case nestedTooDeep
}

/// Iterates over the fields of a protobuf message; any bytes give fields or an error, never a trap.
package struct WireReader {
    private let bytes: UnsafeRawBufferPointer
    private(set) var position = 0

    /// The bytes must outlive the reader and the fields that it returns.
    package init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    /// Returns the next field, or nil at the end of the message.
    package mutating func next() throws(WireError) -> WireField? {
        guard position < bytes.count else { return nil }
        let start = position
        let tag = try varint()
        guard tag >> 3 > 0, tag >> 3 < 1 << 29, let type = WireType(rawValue: UInt8(tag & 7)) else { throw .badTag(tag) }
        let value: WireField.Value
        switch type {
        case .varint: value = .varint(try varint())
        case .fixed64: value = .fixed64(UInt64(littleEndian: try load(UInt64.self)))
        case .fixed32: value = .fixed32(UInt32(littleEndian: try load(UInt32.self)))
        case .lengthDelimited:
            let count = try varint()
            guard count <= UInt64(bytes.count - position) else { throw .truncated }
            let end = position &+ Int(truncatingIfNeeded: count)
            value = .bytes(UnsafeRawBufferPointer(rebasing: bytes[position..<end]))
            position = end
        }
        return WireField(number: Int(tag >> 3), value: value, range: start..<position)
    }

    /// Returns the next number of a packed repeated field whose content the reader was made with; nil at its end.
    package mutating func nextPacked(_ type: WireType) throws(WireError) -> WireField.Value? {
        guard position < bytes.count else { return nil }
        switch type {
        case .fixed64: return .fixed64(UInt64(littleEndian: try load(UInt64.self)))
        case .fixed32: return .fixed32(UInt32(littleEndian: try load(UInt32.self)))
        case .varint, .lengthDelimited: return .varint(try varint())
        }
    }

    @inline(__always)
    private mutating func varint() throws(WireError) -> UInt64 {
        guard position < bytes.count else { throw .truncated }
        let byte = bytes[position]
        // Nearly all tags and lengths are one byte.
        guard byte < 0x80 else { return try longVarint() }
        position &+= 1
        return UInt64(byte)
    }

    @inline(never)
    private mutating func longVarint() throws(WireError) -> UInt64 {
        var result: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            guard position < bytes.count else { throw .truncated }
            let byte = bytes[position]
            position += 1
            guard shift < 63 || byte < 2 else { throw .varintTooLong }
            result |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return result }
            shift += 7
        }
    }

    private mutating func load<Number: FixedWidthInteger & BitwiseCopyable>(_: Number.Type) throws(WireError) -> Number {
        let size = MemoryLayout<Number>.size
        guard bytes.count - position >= size else { throw .truncated }
        defer { position += size }
        return bytes.loadUnaligned(fromByteOffset: position, as: Number.self)
    }
}
