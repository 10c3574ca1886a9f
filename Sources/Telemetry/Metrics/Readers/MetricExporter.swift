// A protocol for destinations of metrics.

/// Exports the metrics that a reader has collected, one batch at a time.
///
/// (Specification: metrics SDK, "MetricExporter".)
public protocol MetricExporter: TelemetryComponent {
    /// The temporality that the exporter prefers by instrument kind.
    var temporality: TemporalityPreference { get }
    /// The aggregations by instrument kind if no view sets one.
    ///
    /// Kinds that are not named have the specification's defaults.
    var aggregations: [InstrumentKind: Aggregation] { get }
    /// The interval of collections if neither code nor environment sets it.
    var defaultInterval: Duration { get }

    /// Exports one batch before the deadline; the reader does not retry a failed one.
    ///
    /// It runs on a thread of the reader, which it may block. The task is cancelled when the deadline passes.
    func export(_ batch: MetricBatch, deadline: Deadline) async throws(ExportFailure)

    /// Exports what the exporter has buffered.
    func forceFlush(deadline: Deadline) async -> FlushResult

    /// Shuts the exporter down; later exports fail.
    func shutdown(deadline: Deadline) async -> FlushResult
}

extension MetricExporter {
    public var temporality: TemporalityPreference { .cumulative }
    public var aggregations: [InstrumentKind: Aggregation] { [:] }
    /// One minute. (Specification: metrics SDK, "Periodic exporting MetricReader".)
    public var defaultInterval: Duration { .seconds(60) }
}
