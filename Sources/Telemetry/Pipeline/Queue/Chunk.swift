// Hot: contiguous encoded items of one scope, and the memory that they lie in.

/// Memory that encoded items are appended to and that is recycled whole.
///
/// `@unchecked`: one lane writes it under its lock until the chunk is sealed; from then on it is only read, and the pool
/// hands it out again only when nobody else refers to it.
final class ChunkBuffer: @unchecked Sendable {
    let base: UnsafeMutableRawPointer
    let capacity: Int

    init(capacity: Int) {
        base = .allocate(byteCount: capacity, alignment: 16)
        self.capacity = capacity
    }

    deinit {
        base.deallocate()
    }
}

/// Encoded items of one scope, one after another, each with its tag and length.
struct Chunk: Sendable {
    let scope: ScopeReference
    /// The same scope, alive as long as the chunk: one that was received lives no longer than what it came with.
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

    /// Whether that many bytes more fit in.
    @inline(__always)
    func hasRoom(for size: Int) -> Bool { buffer.capacity &- byteCount >= size }

    /// Where the next item is to be written, counted as present from now on.
    ///
    /// - Parameter count: for messages that hold several items: how many. A chunk with such messages is not cut into slices.
    @inline(__always)
    mutating func addItem(ofSize size: Int, countingAs count: Int = 1) -> WireCursor {
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

    /// Cuts off the first items, at most as many as there are.
    mutating func removeFirst(_ count: Int) -> ChunkSlice {
        var first = self
        guard count < itemCount else {
            range = range.upperBound..<range.upperBound
            itemCount = 0
            return first
        }
        var reader = WireReader(bytes)
        for _ in 0..<count { _ = try? reader.next() }
        let middle = range.lowerBound + reader.position
        first.range = range.lowerBound..<middle
        first.itemCount = count
        range = middle..<range.upperBound
        itemCount -= count
        return first
    }
}

/// Buffers that wait to be used again: a bounded number, so that a burst does not stay in memory.
final class ChunkPool: Sendable {
    /// Large enough for some seventy spans, small enough that a few dozen lie idle at little cost.
    static let bufferSize = 16 * 1024
    private static let maximumIdle = 48

    private let idle: Locked<[ChunkBuffer]>

    init() {
        var buffers: [ChunkBuffer] = []
        buffers.reserveCapacity(Self.maximumIdle)
        idle = Locked(buffers)
    }

    /// A buffer of at least that size; a common size comes from the idle ones.
    func take(atLeast size: Int) -> ChunkBuffer {
        guard size <= Self.bufferSize else { return ChunkBuffer(capacity: size) }
        return idle.withLock { $0.popLast() } ?? ChunkBuffer(capacity: Self.bufferSize)
    }

    /// Takes back those buffers that nobody else refers to; the others are left to their last owner.
    func giveBack(_ buffers: inout [ChunkBuffer]) {
        for index in buffers.indices where buffers[index].capacity == Self.bufferSize {
            guard isKnownUniquelyReferenced(&buffers[index]) else { continue }
            idle.withLock { idle in
                if idle.count < Self.maximumIdle { idle.append(buffers[index]) }
            }
        }
        buffers.removeAll(keepingCapacity: true)
    }
}
