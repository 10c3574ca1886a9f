// The protocol that all readers conform to.

/// What collects the metrics of a provider, and hands them on: at intervals, or when it is asked.
///
/// It belongs to one provider. Each reader has its own temporality, its own state and its own round of callbacks.
/// (Specification: metrics SDK, "MetricReader".)
public protocol MetricReader: Sendable {
    /// What it wants; asked for once, when it is registered.
    var options: MetricReaderOptions { get }

    /// Called once, when the provider is made: from now on the reader can collect.
    func register(_ collector: MetricCollector)

    /// Delivers what there is, unless the deadline comes first; a reader that is asked for its metrics has nothing to do.
    func forceFlush(deadline: Deadline) async -> FlushResult

    /// Delivers what there is, unless the deadline comes first, and ends.
    func shutdown(deadline: Deadline) async -> FlushResult
}

/// A reader that asks the environment for what code leaves open.
protocol ConfiguredMetricReader: MetricReader {
    /// Called before the reader is registered, when telemetry starts.
    ///
    /// - Throws: when a setting given in code cannot be used; what is wrong with variables is reported.
    func configure(_ environment: EnvironmentReader) throws(ConfigurationError)
}
