// The unit of export, common to spans and log records.

/// The items of one export: runs of encoded items, grouped by resource and scope.
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

    /// The buffers of all slices; a buffer that slices share appears several times.
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
