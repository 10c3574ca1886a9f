// The way from a reader back to its provider.

/// Collects the metrics of a provider for one reader.
public final class MetricCollector: Sendable {
    private let source: @Sendable (Deadline) throws(MetricCollectionError) -> MetricBatch

    private let needsHost: @Sendable () -> Bool

    /// - Parameter needsHost: returns whether a collection calls code of the host at present.
    init(
        needsHost: @escaping @Sendable () -> Bool = { true },
        _ source: @escaping @Sendable (Deadline) throws(MetricCollectionError) -> MetricBatch
    ) {
        self.needsHost = needsHost
        self.source = source
    }

    /// Whether a collection calls code of the host, which may block: callbacks, producers or a filter.
    var callsHost: Bool { needsHost() }

    /// Runs all callbacks and returns all metrics; collections of one reader run one at a time.
    ///
    /// - Parameter deadline: the longest wait for callbacks. Observations of callbacks that take longer are left out.
    /// - Throws: ``MetricCollectionError``, also if a collection of the same provider has called the code that requests this one.
    public func collect(deadline: Deadline) throws(MetricCollectionError) -> MetricBatch { try source(deadline) }
}
