// A reader without a thread, for tests, pull exporters and frameworks.

/// Collects metrics when `collect` is called.
///
/// (Specification: metrics SDK, "MetricReader", and "Pull Metric Exporter".)
public final class PullMetricReader: MetricReader {
    public let options: MetricReaderOptions
    private let registration = Locked(ReaderRegistration<MetricCollector>.open)

    public init(options: MetricReaderOptions = MetricReaderOptions()) {
        self.options = options
    }

    /// Runs all callbacks and returns all metrics; may be called from any thread, and concurrently.
    ///
    /// - Parameter deadline: the longest wait for callbacks. Observations of callbacks that take longer are left out.
    /// - Throws: before the reader is registered and after its shutdown.
    public func collect(deadline: Deadline = .after(.seconds(5))) throws(MetricCollectionError) -> MetricBatch {
        switch registration.withLock({ $0 }) {
        case .open: throw .notRegistered
        case .taken(let collector): try collector.collect(deadline: deadline)
        case .shutDown: throw .shutDown
        }
    }

    public func register(_ collector: MetricCollector) {
        let refusal = registration.withLock { registration in
            let refusal = registration.refusal
            if refusal == nil { registration = .taken(collector) }
            return refusal
        }
        refusal?.report("PullMetricReader")
    }

    public func forceFlush(deadline: Deadline) async -> FlushResult { .completed }

    public func shutdown(deadline: Deadline) async -> FlushResult {
        registration.withLock { $0 = .shutDown }
        return .completed
    }
}
