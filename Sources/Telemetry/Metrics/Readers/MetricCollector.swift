// The way from a reader back to its provider.

/// Collects the metrics of a provider for one reader.
public final class MetricCollector: Sendable {
    private let source: @Sendable (Deadline) throws(MetricCollectionError) -> MetricBatch

    private let needsHost: @Sendable () -> Bool
    private let whenUsed: @Sendable (@escaping @Sendable () -> Void) -> Void

    /// - Parameters:
    ///   - needsHost: returns whether a collection calls code of the host at present.
    ///   - whenUsed: runs an action once there may be something to collect; by default at once.
    init(
        needsHost: @escaping @Sendable () -> Bool = { true },
        whenUsed: @escaping @Sendable (@escaping @Sendable () -> Void) -> Void = { $0() },
        _ source: @escaping @Sendable (Deadline) throws(MetricCollectionError) -> MetricBatch
    ) {
        self.needsHost = needsHost
        self.whenUsed = whenUsed
        self.source = source
    }

    /// Runs the action once the instruments of the provider may have something to collect; at once if they may have it already.
    func whenInstrumentsAreUsed(_ action: @escaping @Sendable () -> Void) { whenUsed(action) }

    /// Whether a collection calls code of the host, which may block: callbacks, producers or a filter.
    var callsHost: Bool { needsHost() }

    /// Runs all callbacks and returns all metrics; collections of one reader run one at a time.
    ///
    /// - Parameter deadline: the longest wait for callbacks. Observations of callbacks that take longer are left out.
    /// - Throws: ``MetricCollectionError``, also if a collection of the same provider has called the code that requests this one.
    public func collect(deadline: Deadline) throws(MetricCollectionError) -> MetricBatch { try source(deadline) }
}
