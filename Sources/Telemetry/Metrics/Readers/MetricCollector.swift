// The way from a reader back to its provider.

/// Collects the metrics of a provider for one reader.
public final class MetricCollector: Sendable {
    private let source: @Sendable (Deadline) throws(MetricCollectionError) -> MetricBatch

    init(_ source: @escaping @Sendable (Deadline) throws(MetricCollectionError) -> MetricBatch) {
        self.source = source
    }

    /// Runs all callbacks and returns all metrics; one collection of a reader at a time, others wait their turn.
    ///
    /// - Parameter deadline: the longest that callbacks are waited for. What those that take longer observe is left out.
    /// - Throws: also when a collection of the same provider has called the code that asks for this one.
    public func collect(deadline: Deadline) throws(MetricCollectionError) -> MetricBatch { try source(deadline) }
}
