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

    /// Returns the next field if it is in the short form: a tag of one byte, then a fixed number, or a number or length of one or two bytes.
    /// Returns nil for any other, without moving, and at the end.
    ///
    /// Nearly all fields of recorded items have it. It takes 15 to 20 instructions, ``next()`` 75.
    @inline(__always)
    mutating func nextShort() -> RawWireField? {
        let left = bytes.count &- position
        guard left >= 2, let base = bytes.baseAddress else { return nil }
        let start = base + position
        let tag = start.load(as: UInt8.self)
        guard tag >= 8, tag < 0x80 else { return nil }
        var field = RawWireField(tag: UInt64(tag))
        if tag & 7 == WireType.fixed64.rawValue {
            guard left >= 9 else { return nil }
            field.number64 = UInt64(littleEndian: start.loadUnaligned(fromByteOffset: 1, as: UInt64.self))
            position &+= 9
        } else if tag & 7 == WireType.fixed32.rawValue {
            guard left >= 5 else { return nil }
            field.number64 = UInt64(UInt32(littleEndian: start.loadUnaligned(fromByteOffset: 1, as: UInt32.self)))
            position &+= 5
        } else {
            var size = 2
            var number = UInt64(start.load(fromByteOffset: 1, as: UInt8.self))
            if number >= 0x80 {
                guard left >= 3 else { return nil }
                let next = UInt64(start.load(fromByteOffset: 2, as: UInt8.self))
                guard next < 0x80 else { return nil }
                number = number & 0x7F | next << 7
                size = 3
            }
            if tag & 7 == WireType.lengthDelimited.rawValue {
                let count = Int(truncatingIfNeeded: number)
                guard count <= left &- size else { return nil }
                field.bytes = UnsafeRawBufferPointer(start: start + size, count: count)
                size &+= count
            } else {
                guard tag & 7 == WireType.varint.rawValue else { return nil }
                field.number64 = number
            }
            position &+= size
        }
        assert(position <= bytes.count, "A field ends within its message.")
        return field
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

extension WireReader {
    /// Returns the next field, or nil at the end and before invalid bytes.
    @inline(__always)
    mutating func nextRaw() -> RawWireField? { nextShort() ?? nextLong() }

    /// Returns the next field of any form.
    @inline(never)
    private mutating func nextLong() -> RawWireField? {
        guard let field = try? next() else { return nil }
        let type: WireType
        switch field.value {
        case .varint: type = .varint
        case .fixed64: type = .fixed64
        case .fixed32: type = .fixed32
        case .bytes: type = .lengthDelimited
        }
        return RawWireField(tag: UInt64(field.number) << 3 | UInt64(type.rawValue), number64: field.number64, bytes: field.bytes)
    }
}
