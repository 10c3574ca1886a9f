// Hot: the memory that a page is rendered into.

/// A growing buffer whose unchecked writes need a reservation; its memory is reused for the next page.
struct PageBuffer: ~Copyable {
    private var base: UnsafeMutableRawPointer
    private var capacity: Int
    private(set) var count = 0

    private static let usualCapacity = 64 * 1024
    /// Larger buffers are freed after their page.
    private static let keptCapacity = 4 * 1024 * 1024

    init() {
        capacity = Self.usualCapacity
        base = .allocate(byteCount: capacity, alignment: 16)
    }

    deinit { base.deallocate() }

    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }

    mutating func removeAll() {
        count = 0
        guard capacity > Self.keptCapacity else { return }
        base.deallocate()
        capacity = Self.usualCapacity
        base = .allocate(byteCount: capacity, alignment: 16)
    }

    /// Takes back the last bytes.
    mutating func removeLast(_ length: Int) {
        assert(length >= 0 && length <= count, "What is taken back was written.")
        count -= length
    }

    /// Reserves bytes behind the end; the unchecked writes that follow must not exceed them.
    @inline(__always)
    mutating func reserve(_ room: Int) {
        if capacity - count < room { grow(room) }
    }

    @inline(never)
    private mutating func grow(_ room: Int) {
        assert(room >= 0, "A reservation is not negative.")
        let larger = max(capacity * 2, count + room)
        let moved = UnsafeMutableRawPointer.allocate(byteCount: larger, alignment: 16)
        moved.copyMemory(from: base, byteCount: count)
        base.deallocate()
        base = moved
        capacity = larger
    }

    /// Appends bytes; the caller must have reserved them.
    @inline(__always)
    mutating func copyUnchecked(_ source: UnsafeRawPointer, _ length: Int) {
        assert(length >= 0 && length <= capacity - count, "Bytes are reserved before they are copied.")
        (base + count).copyMemory(from: source, byteCount: length)
        count &+= length
    }

    /// Appends a byte; the caller must have reserved it.
    @inline(__always)
    mutating func writeUnchecked(_ byte: UInt8) {
        assert(count < capacity, "A byte is reserved before it is written.")
        base.storeBytes(of: byte, toByteOffset: count, as: UInt8.self)
        count &+= 1
    }

    mutating func append(_ byte: UInt8) {
        reserve(1)
        writeUnchecked(byte)
    }

    mutating func append(_ bytes: [UInt8]) {
        reserve(bytes.count)
        bytes.withUnsafeBytes { if let start = $0.baseAddress { copyUnchecked(start, $0.count) } }
    }

    mutating func append(_ text: String) {
        var text = text
        reserve(text.utf8.count)
        text.withUTF8 { if let start = $0.baseAddress { copyUnchecked(start, $0.count) } }
    }

    /// Appends a number of `digitCount` digits; the caller must have reserved them.
    @inline(__always)
    mutating func writeDigitsUnchecked(_ value: UInt64, count digitCount: Int) {
        assert(digitCount > 0 && digitCount <= capacity - count, "Digits are reserved before they are written.")
        var rest = value
        var place = base + (count &+ digitCount)
        while rest >= 100 {
            let (quotient, pair) = rest.quotientAndRemainder(dividingBy: 100)
            rest = quotient
            place -= 2
            Self.store(UInt16(truncatingIfNeeded: pair), to: place)
        }
        if rest >= 10 {
            Self.store(UInt16(truncatingIfNeeded: rest), to: place - 2)
        } else {
            (place - 1).storeBytes(of: UInt8(truncatingIfNeeded: rest) &+ 0x30, as: UInt8.self)
        }
        assert(
            place == base + (count &+ (rest >= 10 ? 2 : 1)), "The digits end where the reserved bytes begin: the count is exact.")
        count &+= digitCount
    }

    /// Stores the two digits of a number below 100; the caller must have reserved both bytes.
    @inline(__always)
    private static func store(_ pair: UInt16, to place: UnsafeMutableRawPointer) {
        assert(pair < 100, "A pair has two digits.")
        // The multiplication divides by ten exactly for all numbers below 179.
        let tens = (pair &* 103) >> 10
        let digits = (tens | ((pair &- tens &* 10) << 8)) &+ 0x3030
        place.storeBytes(of: digits.littleEndian, as: UInt16.self)
    }
}
