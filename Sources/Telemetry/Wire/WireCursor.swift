// Hot: writes protobuf fields to memory whose size was made sure of before.

/// Writes protobuf fields one after another to memory that is known to be large enough.
///
/// Nothing is checked here: whoever makes a cursor has first added up the sizes that ``WireSize`` gives.
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
    mutating func varint(_ value: UInt64) {
        if value < 0x80 {
            byte(UInt8(truncatingIfNeeded: value))
        } else {
            longVarint(value)
        }
    }

    @inline(never)
    private mutating func longVarint(_ value: UInt64) {
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

    /// Eight bytes in the order in which they are read aloud: identifiers.
    @inline(__always)
    mutating func bigEndian(_ value: UInt64) {
        pointer.storeBytes(of: value.bigEndian, as: UInt64.self)
        pointer += 8
    }

    @inline(__always)
    mutating func copy(_ bytes: UnsafeRawBufferPointer) {
        guard let base = bytes.baseAddress else { return }
        pointer.copyMemory(from: base, byteCount: bytes.count)
        pointer += bytes.count
    }

    /// The first bytes of a text; `count` is at most its length in UTF-8 and ends between two scalars.
    @inline(__always)
    mutating func text(_ text: borrowing String, count: Int) {
        let target = pointer
        let isCopied: Void? = text.utf8.withContiguousStorageIfAvailable { bytes in
            // A constant-size copy beats a call for the short texts that most keys and values are.
            if count <= 16 {
                ShortCopy.copy(from: bytes.baseAddress, to: target, count: count)
            } else {
                target.copyMemory(from: bytes.baseAddress!, byteCount: count)
            }
        }
        if isCopied == nil {
            for (place, byte) in text.utf8.prefix(count).enumerated() { target.storeBytes(of: byte, toByteOffset: place, as: UInt8.self) }
        }
        pointer += count
    }
}

/// Copies up to 16 bytes with at most two overlapping moves each way.
private enum ShortCopy {
    @inline(__always)
    static func copy(from source: UnsafePointer<UInt8>?, to target: UnsafeMutableRawPointer, count: Int) {
        guard let base = source else { return }
        let source = UnsafeRawPointer(base)
        if count >= 8 {
            let head = source.loadUnaligned(as: UInt64.self)
            let tail = source.loadUnaligned(fromByteOffset: count &- 8, as: UInt64.self)
            target.storeBytes(of: head, as: UInt64.self)
            target.storeBytes(of: tail, toByteOffset: count &- 8, as: UInt64.self)
        } else if count >= 4 {
            let head = source.loadUnaligned(as: UInt32.self)
            let tail = source.loadUnaligned(fromByteOffset: count &- 4, as: UInt32.self)
            target.storeBytes(of: head, as: UInt32.self)
            target.storeBytes(of: tail, toByteOffset: count &- 4, as: UInt32.self)
        } else if count > 0 {
            target.storeBytes(of: source.load(as: UInt8.self), as: UInt8.self)
            target.storeBytes(of: source.load(fromByteOffset: count >> 1, as: UInt8.self), toByteOffset: count >> 1, as: UInt8.self)
            target.storeBytes(of: source.load(fromByteOffset: count &- 1, as: UInt8.self), toByteOffset: count &- 1, as: UInt8.self)
        }
    }
}

/// How many bytes protobuf fields take.
enum WireSize {
    @inline(__always)
    static func varint(_ value: UInt64) -> Int {
        value < 0x80 ? 1 : (70 &- value.leadingZeroBitCount) / 7
    }

    /// A length and as many bytes; the tag is not counted.
    @inline(__always)
    static func lengthDelimited(_ count: Int) -> Int {
        varint(UInt64(truncatingIfNeeded: count)) &+ count
    }
}
