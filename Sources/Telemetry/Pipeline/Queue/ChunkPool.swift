// The memory of chunks, and its reuse.

/// Memory that encoded items are appended to and that is recycled whole.
///
/// `@unchecked`: one lane writes it under its lock until the chunk is sealed; from then on it is only read, and the pool
/// reuses it only when there is no other reference to it.
final class ChunkBuffer: @unchecked Sendable {
    let base: UnsafeMutableRawPointer
    let capacity: Int

    init(capacity: Int) {
        assert(capacity > 0, "A buffer has room for something.")
        base = .allocate(byteCount: capacity, alignment: 16)
        self.capacity = capacity
    }

    deinit {
        base.deallocate()
    }
}

/// Keeps a bounded number of idle buffers for reuse, so that a burst does not stay in memory.
final class ChunkPool: Sendable {
    /// Large enough for some seventy spans, small enough that a few dozen idle buffers cost little.
    static let bufferSize = 16 * 1024
    private static let maximumIdle = 48

    private let idle: Locked<[ChunkBuffer]>

    init() {
        var buffers: [ChunkBuffer] = []
        buffers.reserveCapacity(Self.maximumIdle)
        idle = Locked(buffers)
    }

    /// Returns a buffer of at least that size; one of the common size is reused if any is idle.
    func take(atLeast size: Int) -> ChunkBuffer {
        guard size <= Self.bufferSize else { return ChunkBuffer(capacity: size) }
        return idle.withLock { $0.popLast() } ?? ChunkBuffer(capacity: Self.bufferSize)
    }

    /// Takes back the buffers without another reference; each of the others is freed with its last one.
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
