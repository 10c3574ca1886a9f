// Hot: the memory of one span or log record under construction.

/// The first memory of an item: part of a span, so that most spans are one allocation; on the stack for a log record.
struct InlineItemStorage {
    /// The size of fifteen usual attributes: those of the conventions for a request, and a few of the program.
    ///
    /// A span that outgrows it allocates; the next one that uses its object has that memory too.
    static let capacity = 640

    private var words = InlineArray<80, UInt64>(repeating: 0)

    @inline(__always)
    init() {}
}

/// The encoded fields of an item under construction; they move to memory on the heap when they outgrow the inline storage.
struct ItemBytes: ~Copyable {
    private var base: UnsafeMutableRawPointer
    private var capacity = InlineItemStorage.capacity
    private(set) var isOnHeap = false
    private(set) var count = 0
    /// Where the attributes lie, of an item on the heap that has many.
    private var index: Unmanaged<AttributeIndex>?

    @inline(__always)
    init() {
        base = UnsafeMutableRawPointer(bitPattern: 1)!
    }

    deinit {
        guard isOnHeap else { return }
        base.deallocate()
        index?.release()
    }

    /// Whether the memory is the inline one, or not much more: such memory may be kept for the next item.
    @inline(__always)
    var isSmall: Bool { capacity <= Self.keptCapacity }

    /// What the default limit of attributes takes, if they are short: 5 KiB. A pool keeps 15 such items for each processor at most, each with an
    /// index of up to 4 KiB.
    private static let keptCapacity = 8 * InlineItemStorage.capacity

    /// Removes all bytes and keeps the memory.
    @inline(__always)
    mutating func removeAll() {
        count = 0
        if index != nil { removeIndex() }
    }

    @inline(never)
    private mutating func removeIndex() {
        index?.release()
        index = nil
    }

    /// The index of the attributes; made where there is none. Nil for an item that is not on the heap: what fits there is searched as fast.
    var attributeIndex: AttributeIndex? {
        mutating get {
            guard isOnHeap else { return nil }
            if let index { return index.takeUnretainedValue() }
            let made = AttributeIndex()
            index = .passRetained(made)
            return made
        }
    }

    /// Sets the address of the inline storage; must be called in each access, since the address is valid only until the access ends.
    @inline(__always)
    mutating func use(_ inline: UnsafeMutablePointer<InlineItemStorage>) {
        if !isOnHeap { base = UnsafeMutableRawPointer(inline) }
    }

    @inline(__always)
    func hasRoom(for size: Int) -> Bool { capacity &- count >= size }

    /// Where the next bytes are written.
    @inline(__always)
    var end: UnsafeMutableRawPointer { base + count }

    /// Counts bytes as present that were written at the ``end``; must be called only if there was room.
    @inline(__always)
    mutating func countWritten(_ size: Int) {
        assert(hasRoom(for: size), "Bytes that were written fit into the memory.")
        count &+= size
    }

    /// Returns where the next bytes are written, and counts them as present; must be called only if there is room.
    @inline(__always)
    mutating func reserve(_ size: Int) -> WireCursor {
        assert(hasRoom(for: size), "Reserved bytes fit into the memory.")
        let cursor = WireCursor(base + count)
        count &+= size
        return cursor
    }

    /// Checks in debug builds that the bytes that were reserved last have been written, and no others.
    @inline(__always)
    func assertIsFilled(by cursor: WireCursor) {
        assert(cursor.pointer == base + count, "What is written has the size that was reserved.")
    }

    /// Appends bytes of a known size; `write` must write exactly that many.
    mutating func append(_ size: Int, _ write: (inout WireCursor) -> Void) {
        if capacity - count < size { grow(by: size) }
        var cursor = reserve(size)
        write(&cursor)
        assertIsFilled(by: cursor)
    }

    /// Replaces a range by bytes of a known size; `write` must write exactly that many.
    mutating func replace(_ range: Range<Int>, with size: Int, _ write: (inout WireCursor) -> Void) {
        let growth = size - range.count
        if capacity - count < growth { grow(by: growth) }
        assert(range.upperBound <= count, "A range that is replaced lies in the bytes.")
        // Source and target may overlap; copyMemory allows that.
        (base + range.lowerBound + size).copyMemory(from: base + range.upperBound, byteCount: count - range.upperBound)
        var cursor = WireCursor(base + range.lowerBound)
        write(&cursor)
        assert(cursor.pointer == base + range.lowerBound + size, "What is written has the size that was reserved.")
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
