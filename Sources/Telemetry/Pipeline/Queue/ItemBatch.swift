// What one export delivers: runs of encoded items, grouped by resource and scope.

/// What one export delivers: runs of encoded items, grouped by resource and scope.
struct ItemBatch: Sendable {
    struct ScopeGroup: Sendable {
        let scope: RecordedScope
        var slices: [ChunkSlice]
    }

    struct ResourceGroup: Sendable {
        let resource: RecordedResource
        var scopes: [ScopeGroup]
    }

    private(set) var resources: [ResourceGroup] = []
    private(set) var itemCount = 0

    /// The memory that the items lie in; several times, where slices share it.
    var buffers: [ChunkBuffer] { resources.flatMap { $0.scopes.flatMap { $0.slices.map(\.chunk.buffer) } } }

    mutating func add(_ slice: ChunkSlice) {
        let scope = slice.chunk.retainedScope
        itemCount += slice.itemCount
        let resource =
            resources.firstIndex { $0.resource === scope.resource }
            ?? {
                resources.append(ResourceGroup(resource: scope.resource, scopes: []))
                return resources.count - 1
            }()
        if let group = resources[resource].scopes.firstIndex(where: { $0.scope === scope }) {
            resources[resource].scopes[group].slices.append(slice)
        } else {
            resources[resource].scopes.append(ScopeGroup(scope: scope, slices: [slice]))
        }
    }
}

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

    /// Takes the oldest items, at most that many; their buffers are added to the list of those to recycle.
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
