// Tells that a collection is under way, to all code that it calls.

import Synchronization

/// A collection that is under way, as callbacks, filters, producers and reservoirs that it calls find it.
///
/// What they call in turn must not wait for a collection of the same provider: it could not begin before theirs is over. Tasks that
/// they start inherit the mark, which is of no account once the collection has ended.
final class CollectionMark: Sendable {
    @TaskLocal static var current: CollectionMark?

    private let provider: ObjectIdentifier
    /// The collection from which this one was asked for, of another provider.
    private let outer: CollectionMark?
    /// Relaxed: it guards no memory.
    private let isOver = Atomic(false)

    private init(_ provider: ObjectIdentifier, in outer: CollectionMark?) {
        self.provider = provider
        self.outer = outer
    }

    /// Runs a collection of a provider.
    ///
    /// - Throws: `withinCollection` when a collection of the provider has called the code that asks for this one.
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
