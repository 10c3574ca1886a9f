// Hot: the growing OTLP bytes of one item under construction: fields in the order in which they came.

/// Where the first bytes of an item lie: in a span itself, so that most are one allocation, and on the stack for a log record.
struct InlineItemStorage {
    /// What five to eight usual attributes take.
    static let capacity = 320

    private var words = InlineArray<40, UInt64>(repeating: 0)

    @inline(__always)
    init() {}
}

/// Encoded fields of an item under construction; they move to memory of their own when they outgrow what they began in.
struct ItemBytes: ~Copyable {
    private var base: UnsafeMutableRawPointer
    private var capacity = InlineItemStorage.capacity
    private var isOnHeap = false
    private(set) var count = 0

    @inline(__always)
    init() {
        base = UnsafeMutableRawPointer(bitPattern: 1)!
    }

    deinit {
        if isOnHeap { base.deallocate() }
    }

    /// Says where the first storage lies; valid until the access ends in which it is called.
    @inline(__always)
    mutating func use(_ inline: UnsafeMutablePointer<InlineItemStorage>) {
        if !isOnHeap { base = UnsafeMutableRawPointer(inline) }
    }

    @inline(__always)
    func hasRoom(for size: Int) -> Bool { capacity &- count >= size }

    /// Where bytes that fit in are to be written, counted as present from now on.
    @inline(__always)
    mutating func reserve(_ size: Int) -> WireCursor {
        let cursor = WireCursor(base + count)
        count &+= size
        return cursor
    }

    /// Appends bytes of a known size; `write` must write exactly that many.
    mutating func append(_ size: Int, _ write: (inout WireCursor) -> Void) {
        if capacity - count < size { grow(by: size) }
        var cursor = reserve(size)
        write(&cursor)
    }

    /// Replaces a range by as many bytes as `write` writes, which must be `size`.
    mutating func replace(_ range: Range<Int>, with size: Int, _ write: (inout WireCursor) -> Void) {
        let growth = size - range.count
        if capacity - count < growth { grow(by: growth) }
        // Both sides overlap; copyMemory allows that.
        (base + range.lowerBound + size).copyMemory(from: base + range.upperBound, byteCount: count - range.upperBound)
        var cursor = WireCursor(base + range.lowerBound)
        write(&cursor)
        count += growth
    }

    @inline(__always)
    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }

    @inline(never)
    private mutating func grow(by size: Int) {
        let larger = max(capacity * 2, count + size)
        let memory = UnsafeMutableRawPointer.allocate(byteCount: larger, alignment: 16)
        memory.copyMemory(from: base, byteCount: count)
        if isOnHeap { base.deallocate() }
        base = memory
        capacity = larger
        isOnHeap = true
    }
}
