// Hot: where a lane appends items, and how an export cuts them up.

/// Encoded items of one scope, one after another, each with its tag and length.
struct Chunk: Sendable {
    let scope: ScopeReference
    /// The same scope, retained by the chunk, since a received scope lives no longer than its items.
    let retainedScope: RecordedScope
    let buffer: ChunkBuffer
    fileprivate(set) var byteCount = 0
    fileprivate(set) var itemCount = 0

    init(scope: ScopeReference, buffer: ChunkBuffer) {
        self.scope = scope
        retainedScope = scope.scope
        self.buffer = buffer
    }

    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: buffer.base, count: byteCount) }

    /// Returns whether an item of that size fits in.
    @inline(__always)
    func hasRoom(for size: Int) -> Bool { buffer.capacity &- byteCount >= size }

    /// Reserves the bytes of the next item and counts it; the caller must write exactly `size` bytes.
    ///
    /// - Parameter count: for messages that hold several items: how many. A chunk with such messages is not cut into slices.
    @inline(__always)
    mutating func addItem(ofSize size: Int, countingAs count: Int = 1) -> WireCursor {
        assert(hasRoom(for: size), "An item fits into the rest of its chunk.")
        let cursor = WireCursor(buffer.base + byteCount)
        byteCount &+= size
        itemCount &+= count
        return cursor
    }
}

/// A run of whole items in a chunk.
struct ChunkSlice: Sendable {
    let chunk: Chunk
    private(set) var range: Range<Int>
    private(set) var itemCount: Int

    init(_ chunk: Chunk) {
        self.chunk = chunk
        range = 0..<chunk.byteCount
        itemCount = chunk.itemCount
    }

    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: chunk.bytes[range]) }

    /// Removes and returns the first items, at most as many as there are.
    mutating func removeFirst(_ count: Int) -> ChunkSlice {
        var first = self
        guard count < itemCount else {
            range = range.upperBound..<range.upperBound
            itemCount = 0
            return first
        }
        let middle = range.lowerBound + Self.size(ofFirst: count, in: bytes)
        first.range = range.lowerBound..<middle
        first.itemCount = count
        range = middle..<range.upperBound
        itemCount -= count
        return first
    }

    /// Returns the size of the first items, each of which begins with a tag of one byte and its length.
    ///
    /// For the half of a chunk some 500 instructions, where reading fields takes 7,000.
    private static func size(ofFirst count: Int, in bytes: UnsafeRawBufferPointer) -> Int {
        var position = 0
        for _ in 0..<count {
            var (length, shift, byte) = (0, 0, UInt8(0x80))
            assert(bytes[position] < 0x80, "The tag of an item has one byte.")
            position += 1
            while byte >= 0x80, position < bytes.count, shift < 63 {
                byte = bytes[position]
                length |= Int(byte & 0x7F) << shift
                shift += 7
                position += 1
            }
            assert(length <= bytes.count - position, "Items lie within their chunk.")
            position += min(length, bytes.count - position)
        }
        return position
    }
}
