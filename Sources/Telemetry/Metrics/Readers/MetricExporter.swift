// The extension point for destinations of collected metrics.

/// What delivers the metrics that a reader has collected; called one batch at a time.
///
/// (Specification: metrics SDK, "MetricExporter".)
public protocol MetricExporter: Sendable {
    /// Whether sums are to tell what happened since the beginning, or since the last export.
    var temporality: TemporalityPreference { get }
    /// Aggregations for kinds of instruments where no view says another; for others the ones of the specification.
    var aggregations: [InstrumentKind: Aggregation] { get }
    /// How far apart its exports are when neither code nor environment says it.
    var defaultInterval: Duration { get }

    /// Delivers one batch before the deadline; the reader does not try again what fails.
    ///
    /// It runs on a thread of the reader's own and may block it. When the deadline passes, the task is cancelled.
    func export(_ batch: borrowing MetricBatch, deadline: Deadline) async throws(ExportFailure)

    /// Delivers what it holds back.
    func forceFlush(deadline: Deadline) async -> FlushResult

    /// Ends; later exports fail.
    func shutdown(deadline: Deadline) async -> FlushResult
}

extension MetricExporter {
    public var temporality: TemporalityPreference { .cumulative }
    public var aggregations: [InstrumentKind: Aggregation] { [:] }
    /// A minute. (Specification: metrics SDK, "Periodic exporting MetricReader".)
    public var defaultInterval: Duration { .seconds(60) }
    public func forceFlush(deadline: Deadline) async -> FlushResult { .completed }
    public func shutdown(deadline: Deadline) async -> FlushResult { .completed }
}

/// An exporter that asks the environment for what code leaves open.
protocol ConfiguredMetricExporter: MetricExporter {
    /// Called before the first export, when telemetry starts.
    ///
    /// - Throws: when a setting given in code cannot be used; what is wrong with variables is reported.
    func configure(_ environment: EnvironmentReader) throws(ConfigurationError)
}
