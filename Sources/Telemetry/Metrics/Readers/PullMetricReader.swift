// A reader that collects when it is asked: for tests, for exporters of other kinds, and for frameworks.

/// Collects metrics when it is asked, and hands them to who asks.
///
/// (Specification: metrics SDK, "MetricReader", and "Pull Metric Exporter".)
public final class PullMetricReader: MetricReader {
    public let options: MetricReaderOptions
    private let registration = Locked(ReaderRegistration<MetricCollector>.open)

    public init(options: MetricReaderOptions = MetricReaderOptions()) {
        self.options = options
    }

    /// Runs all callbacks and returns all metrics; it may be called from any thread, and at the same time.
    ///
    /// - Parameter deadline: the longest that callbacks are waited for. What those that take longer observe is left out.
    /// - Throws: before a provider has the reader, and after the shutdown.
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

/// Where a reader stands: it belongs to one provider at most, once and for all. (Specification: metrics SDK, "MetricReader".)
enum ReaderRegistration<Machine: Sendable>: Sendable {
    case open
    /// A provider has it; with what the reader needs for that.
    case taken(Machine)
    case shutDown

    /// Why no provider can take the reader any more.
    var refusal: ReaderRefusal? {
        switch self {
        case .open: nil
        case .taken: .alreadyTaken
        case .shutDown: .shutDown
        }
    }
}

/// Why a provider cannot have a reader.
enum ReaderRefusal: Sendable {
    case alreadyTaken
    case shutDown

    func report(_ reader: String) {
        let reason =
            switch self {
            case .alreadyTaken: "it belongs to another one already, and goes on with the metrics of that one"
            case .shutDown: "it has been shut down"
            }
        Diagnostics.report(
            .error, topic: "metric_reader.registration",
            "A \(reader) was given to a provider of metrics, but \(reason): make a reader for each provider.")
    }
}
