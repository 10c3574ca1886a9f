// Reuse of chunk buffers.

import Testing

@testable import Telemetry

struct ChunkPoolTests {
    private struct WeakBuffer {
        weak var buffer: ChunkBuffer?
    }

    @Test func poolKeepsAtMost48IdleBuffers() {
        let pool = ChunkPool()
        var buffers = (0..<60).map { _ in ChunkBuffer(capacity: ChunkPool.bufferSize) }
        let known = buffers.map { WeakBuffer(buffer: $0) }
        pool.giveBack(&buffers)
        #expect(buffers.isEmpty)
        #expect(known.count { $0.buffer != nil } == 48)
    }

    @Test func returnedBufferIsReused() {
        let pool = ChunkPool()
        var buffers = [pool.take(atLeast: 1)]
        let base = buffers[0].base
        pool.giveBack(&buffers)
        let again = pool.take(atLeast: ChunkPool.bufferSize)
        #expect(again.base == base)
        #expect(pool.take(atLeast: 1).base != base)
        #expect(pool.take(atLeast: ChunkPool.bufferSize + 1).capacity == ChunkPool.bufferSize + 1)
    }

    @Test func referencedBufferIsNotReused() {
        let pool = ChunkPool()
        let owned = pool.take(atLeast: 1)
        var buffers = [owned]
        pool.giveBack(&buffers)
        #expect(pool.take(atLeast: 1).base != owned.base)
    }
}
