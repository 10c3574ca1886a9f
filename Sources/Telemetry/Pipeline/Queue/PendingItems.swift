// The items between the queue and an export.

/// Drained items that wait for their export, oldest first.
struct PendingItems {
    private var slices: [ChunkSlice] = []
    private(set) var count = 0

    mutating func add(_ chunks: [Chunk]) {
        for chunk in chunks where chunk.itemCount > 0 {
            slices.append(ChunkSlice(chunk))
            count += chunk.itemCount
        }
    }

    /// Removes and returns the oldest items, at most `limit`; appends their buffers to those to recycle.
    mutating func takeBatch(atMost limit: Int, buffers: inout [ChunkBuffer]) -> ItemBatch {
        var batch = ItemBatch()
        var taken = 0
        while taken < slices.count, batch.itemCount < limit {
            let slice = slices[taken].removeFirst(limit - batch.itemCount)
            batch.add(slice)
            buffers.append(slice.chunk.buffer)
            if slices[taken].itemCount == 0 { taken += 1 } else { break }
        }
        slices.removeFirst(taken)
        count -= batch.itemCount
        return batch
    }

    mutating func removeAll() -> Int {
        defer {
            slices.removeAll()
            count = 0
        }
        return count
    }
}
