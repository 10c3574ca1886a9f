// Hot: the unchecked writer of protobuf, and the sizes that make its writes safe.

/// Writes protobuf fields one after another to memory that is known to be large enough.
///
/// No write is checked: before a cursor is made, the sizes of ``WireSize`` must be added up and the memory reserved. After the last write the
/// pointer must be at the end of what was reserved, which the code that made the cursor asserts.
struct WireCursor {
    private(set) var pointer: UnsafeMutableRawPointer

    @inline(__always)
    init(_ pointer: UnsafeMutableRawPointer) {
        self.pointer = pointer
    }

    @inline(__always)
    mutating func byte(_ value: UInt8) {
        pointer.storeBytes(of: value, as: UInt8.self)
        pointer += 1
    }

    @inline(__always)
    mutating func twoBytes(_ first: UInt8, _ second: UInt8) {
        pointer.storeBytes(of: (UInt16(second) << 8 | UInt16(first)).littleEndian, as: UInt16.self)
        pointer += 2
    }

    @inline(__always)
    mutating func threeBytes(_ first: UInt8, _ second: UInt8, _ third: UInt8) {
        twoBytes(first, second)
        byte(third)
    }

    /// Writes the tag of a field; of one byte if the number is below 16, else of two.
    @inline(__always)
    mutating func tag(_ field: OTLPField) {
        let tag = field.number &<< 3 | Int(field.wireType.rawValue)
        assert(tag < 0x4000, "A tag has at most two bytes.")
        if tag < 0x80 {
            byte(UInt8(truncatingIfNeeded: tag))
        } else {
            twoBytes(UInt8(truncatingIfNeeded: tag) | 0x80, UInt8(truncatingIfNeeded: tag &>> 7))
        }
    }

    /// Writes the tag and the length of a field whose content comes next.
    @inline(__always)
    mutating func lengthDelimited(_ tag: UInt8, _ count: Int) {
        byte(tag)
        varint(UInt64(truncatingIfNeeded: count))
    }

    @inline(__always)
    mutating func varint(_ value: UInt64) {
        if value < 0x80 {
            byte(UInt8(truncatingIfNeeded: value))
        } else if value < 0x4000 {
            // The length of most items.
            twoBytes(UInt8(truncatingIfNeeded: value) | 0x80, UInt8(truncatingIfNeeded: value >> 7))
        } else {
            // Not through the address of the cursor, which would then be kept in memory and not in a register.
            pointer = Self.writeLongVarint(value, at: pointer)
        }
    }

    @inline(never)
    private static func writeLongVarint(_ value: UInt64, at start: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer {
        var cursor = WireCursor(start)
        var rest = value
        while rest >= 0x80 {
            cursor.byte(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        cursor.byte(UInt8(truncatingIfNeeded: rest))
        return cursor.pointer
    }

    /// Writes a number of any length without a call, so that the caller has nothing to save around it.
    @inline(__always)
    mutating func varintWithoutCall(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            byte(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        byte(UInt8(truncatingIfNeeded: rest))
    }

    @inline(__always)
    mutating func fixed64(_ value: UInt64) {
        pointer.storeBytes(of: value.littleEndian, as: UInt64.self)
        pointer += 8
    }

    @inline(__always)
    mutating func fixed32(_ value: UInt32) {
        pointer.storeBytes(of: value.littleEndian, as: UInt32.self)
        pointer += 4
    }

    /// Writes eight bytes, the most significant first, as identifiers have them.
    @inline(__always)
    mutating func bigEndian(_ value: UInt64) {
        pointer.storeBytes(of: value.bigEndian, as: UInt64.self)
        pointer += 8
    }

    @inline(__always)
    mutating func fourBytes(_ first: UInt8, _ second: Int, _ third: UInt8, _ fourth: Int) {
        let word =
            UInt32(first) | UInt32(truncatingIfNeeded: second) << 8 | UInt32(third) << 16 | UInt32(truncatingIfNeeded: fourth) << 24
        pointer.storeBytes(of: word.littleEndian, as: UInt32.self)
        pointer += 4
    }

    /// Writes sixteen bytes, of which the first `count` are meant; what follows is written over the others.
    @inline(__always)
    mutating func twoWords(_ low: UInt64, _ high: UInt64, count: Int) {
        assert(count >= 0 && count <= 16, "Two words hold the bytes.")
        pointer.storeBytes(of: low.littleEndian, as: UInt64.self)
        pointer.storeBytes(of: high.littleEndian, toByteOffset: 8, as: UInt64.self)
        pointer += count
    }

    /// Writes at least sixteen bytes, of which there are usually few: without a call, so that the caller has nothing to save around it.
    @inline(__always)
    mutating func longCopy(_ bytes: UnsafeRawPointer, count: Int) {
        assert(count >= 16, "A move of sixteen bytes lies within the bytes.")
        var offset = 0
        while offset &+ 16 < count {
            move(bytes, offset)
            offset &+= 16
        }
        // The last move overlaps the one before it.
        move(bytes, count &- 16)
        pointer += count
    }

    /// Writes 16 to 128 bytes, by moves of which those from the beginning and those from the end may overlap.
    ///
    /// Without a loop, which would be compiled to four copies of itself and take the caller's registers.
    @inline(__always)
    mutating func mediumCopy(_ bytes: UnsafeRawBufferPointer) {
        let count = bytes.count
        assert(count >= 16 && count <= 128, "The moves lie within the bytes and leave none of them out.")
        guard let source = bytes.baseAddress else { return }
        move(source, 0)
        if count > 32 {
            move(source, 16)
            if count > 64 {
                move(source, 32)
                move(source, 48)
                move(source, count &- 64)
                move(source, count &- 48)
            }
            move(source, count &- 32)
        }
        move(source, count &- 16)
        pointer += count
    }

    /// Copies sixteen bytes between places at the same distance from the beginnings.
    @inline(__always)
    private func move(_ source: UnsafeRawPointer, _ offset: Int) {
        let bytes = source.loadUnaligned(fromByteOffset: offset, as: SIMD16<UInt8>.self)
        pointer.storeBytes(of: bytes, toByteOffset: offset, as: SIMD16<UInt8>.self)
    }

    @inline(__always)
    mutating func copy(_ bytes: UnsafeRawBufferPointer) {
        guard let base = bytes.baseAddress else { return }
        pointer.copyMemory(from: base, byteCount: bytes.count)
        pointer += bytes.count
    }

    /// Writes the first bytes of a text; `count` must be at most its length in UTF-8 and end between two scalars.
    @inline(__always)
    mutating func text(_ text: String, count: Int) {
        let target = pointer
        assert(count <= text.utf8.count, "A text has the bytes that are copied of it.")
        let isCopied: Void? = text.utf8.withContiguousStorageIfAvailable { bytes in
            if let base = bytes.baseAddress { ShortCopy.copy(from: base, to: target, count: count) }
        }
        if isCopied == nil { Self.copyForeign(text, to: target, count: count) }
        pointer += count
    }

    /// Copies a text that is not stored as UTF-8; only those of Objective-C are not.
    @inline(never)
    private static func copyForeign(_ text: String, to target: UnsafeMutableRawPointer, count: Int) {
        for (place, byte) in text.utf8.prefix(count).enumerated() { target.storeBytes(of: byte, toByteOffset: place, as: UInt8.self) }
    }
}

/// Copies few bytes with moves of fixed size: a call of `memcpy` takes longer than the keys and values of most attributes do.
enum ShortCopy {
    @inline(__always)
    static func copy(from bytes: UnsafePointer<UInt8>, to target: UnsafeMutableRawPointer, count: Int) {
        let source = UnsafeRawPointer(bytes)
        // Two moves that may overlap cover every length from the size of one to the size of both.
        if count > 32 {
            target.copyMemory(from: source, byteCount: count)
        } else if count >= 16 {
            move(SIMD16<UInt8>.self, 16, source, target, count)
        } else if count >= 8 {
            move(UInt64.self, 8, source, target, count)
        } else if count >= 4 {
            move(UInt32.self, 4, source, target, count)
        } else if count > 0 {
            target.storeBytes(of: source.load(as: UInt8.self), as: UInt8.self)
            let middle = count >> 1
            target.storeBytes(of: source.load(fromByteOffset: middle, as: UInt8.self), toByteOffset: middle, as: UInt8.self)
            target.storeBytes(of: source.load(fromByteOffset: count &- 1, as: UInt8.self), toByteOffset: count &- 1, as: UInt8.self)
        }
    }

    @inline(__always)
    private static func move<Word: BitwiseCopyable>(
        _: Word.Type, _ size: Int, _ source: UnsafeRawPointer, _ target: UnsafeMutableRawPointer, _ count: Int
    ) {
        assert(count >= size, "Both moves lie within the bytes.")
        let head = source.loadUnaligned(as: Word.self)
        let tail = source.loadUnaligned(fromByteOffset: count &- size, as: Word.self)
        target.storeBytes(of: head, as: Word.self)
        target.storeBytes(of: tail, toByteOffset: count &- size, as: Word.self)
    }
}
