// The way from a reader back to its provider.

/// Collects the metrics of a provider for one reader.
public final class MetricCollector: Sendable {
    private let source: @Sendable (Deadline) throws(MetricCollectionError) -> MetricBatch

    init(_ source: @escaping @Sendable (Deadline) throws(MetricCollectionError) -> MetricBatch) {
        self.source = source
    }

    /// Runs all callbacks and returns all metrics; collections of one reader run one at a time.
    ///
    /// - Parameter deadline: the longest wait for callbacks. Observations of callbacks that take longer are left out.
    /// - Throws: ``MetricCollectionError``, also if a collection of the same provider has called the code that requests this one.
    public func collect(deadline: Deadline) throws(MetricCollectionError) -> MetricBatch { try source(deadline) }
}
