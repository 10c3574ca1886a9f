// Detects that a collection waits for itself.

import Synchronization

/// Marks the task of a collection, so that the code it calls finds it.
///
/// Callbacks, filters, producers and reservoirs must not wait for a collection of the same provider, which could not begin before this one
/// ends. Tasks that they start inherit the mark, which has no effect after the collection.
final class CollectionMark: Sendable {
    @TaskLocal static var current: CollectionMark?

    private let provider: ObjectIdentifier
    /// The collection of another provider that requested this one.
    private let outer: CollectionMark?
    /// Relaxed: it guards no memory.
    private let isOver = Atomic(false)

    private init(_ provider: ObjectIdentifier, in outer: CollectionMark?) {
        self.provider = provider
        self.outer = outer
    }

    /// Runs a collection of a provider.
    ///
    /// - Throws: `withinCollection` if a collection of the provider has called the code that requests this one.
    static func whileCollecting(
        _ provider: AnyObject, _ body: () throws(MetricCollectionError) -> MetricBatch
    ) throws(MetricCollectionError) -> MetricBatch {
        let outer = current
        guard outer?.isUnderWay(of: ObjectIdentifier(provider)) != true else { throw .withinCollection }
        let mark = CollectionMark(ObjectIdentifier(provider), in: outer)
        defer { mark.isOver.store(true, ordering: .relaxed) }
        return try $current.withValue(mark) { () -> Result<MetricBatch, MetricCollectionError> in
            do throws(MetricCollectionError) { return .success(try body()) } catch { return .failure(error) }
        }.get()
    }

    private func isUnderWay(of provider: ObjectIdentifier) -> Bool {
        var mark: CollectionMark? = self
        while let found = mark {
            if found.provider == provider && !found.isOver.load(ordering: .relaxed) { return true }
            mark = found.outer
        }
        return false
    }
}
