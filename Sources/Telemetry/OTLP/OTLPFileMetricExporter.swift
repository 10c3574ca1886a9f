// The OTLP file exporter of metrics.

/// Writes each batch of metrics as one line of JSON: a `MetricsData` message.
///
/// A file is appended to, and created if it is missing, readable and writable by its owner only. It is opened for each batch, so that
/// log rotation needs no signal. (Specification: OTLP file exporter.)
public final class OTLPFileMetricExporter: MetricExporter, EnvironmentConfigurable, ReportingExporter {
    private let file: OTLPFile
    private let preferences: OTLPMetricPreferences

    /// - Parameters:
    ///   - target: a path, or `.standardOutput`.
    ///   - temporality: whether sums are cumulative or deltas; by default `OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE`, or
    ///     cumulative.
    ///   - histogramAggregation: the aggregation of histograms unless a view sets another; by default
    ///     `OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION`, or explicit buckets.
    public init(_ target: OTLPFileTarget, temporality: TemporalityPreference? = nil, histogramAggregation: Aggregation? = nil) {
        file = OTLPFile(.metrics, target)
        preferences = OTLPMetricPreferences(temporality: temporality, histogramAggregation: histogramAggregation)
    }

    /// Takes preferences that code omits from the environment, and checks that the target can be written to.
    public func configure(_ environment: EnvironmentReader) throws(ConfigurationError) {
        try preferences.configure(environment)
        try file.check()
    }

    public var temporality: TemporalityPreference { preferences.temporality }

    public var aggregations: [InstrumentKind: Aggregation] { preferences.aggregations }

    public var destinationName: String { file.name }

    public func export(_ batch: borrowing MetricBatch, deadline: Deadline) async throws(ExportFailure) {
        let items = OTLPMetricsRequest.items(batch)
        if items.itemCount > 0 { try file.append(items, deadline: deadline) }
    }

    public func shutdown(deadline: Deadline) async -> FlushResult {
        file.shutdown()
        return .completed
    }
}

extension MetricExporter where Self == OTLPFileMetricExporter {
    /// Writes metrics as lines of OTLP/JSON: `.otlpFile("/var/log/metrics.jsonl")` or `.otlpFile(.standardOutput)`.
    public static func otlpFile(
        _ target: OTLPFileTarget, temporality: TemporalityPreference? = nil, histogramAggregation: Aggregation? = nil
    ) -> Self {
        OTLPFileMetricExporter(target, temporality: temporality, histogramAggregation: histogramAggregation)
    }
}
