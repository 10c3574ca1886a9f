// The OTLP exporter of metrics.

/// Sends metrics to an OTLP receiver over HTTP or gRPC: kept connections, retries inside the deadline.
///
/// Settings that code omits come from the `OTEL_EXPORTER_OTLP_*` variables of the environment that telemetry is started with;
/// without a ``TelemetrySystem``, from that of the process. (OTLP specification.)
public final class OTLPMetricExporter: MetricExporter, EnvironmentConfigurable, KeepingExporter {
    private let delivery: OTLPDelivery
    private let preferences: OTLPMetricPreferences

    /// - Parameters:
    ///   - endpoint: replaces the endpoint of the options.
    ///   - temporality: whether sums are cumulative or deltas; by default `OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE`, or
    ///     cumulative.
    ///   - histogramAggregation: the aggregation of histograms unless a view sets another; by default
    ///     `OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION`, or explicit buckets.
    ///   - options: the options; settings that they omit come from the environment.
    public init(
        endpoint: String? = nil, temporality: TemporalityPreference? = nil, histogramAggregation: Aggregation? = nil,
        options: OTLPOptions = OTLPOptions()
    ) {
        delivery = OTLPDelivery(.metrics, options.with(endpoint: endpoint))
        preferences = OTLPMetricPreferences(temporality: temporality, histogramAggregation: histogramAggregation)
    }

    /// Takes settings that code omits from the environment.
    public func configure(_ environment: EnvironmentReader) throws(ConfigurationError) {
        try preferences.configure(environment)
        try delivery.configure(environment)
    }

    public var temporality: TemporalityPreference { preferences.temporality }

    public var aggregations: [InstrumentKind: Aggregation] { preferences.aggregations }

    public var destinationName: String { delivery.name }

    public var status: ExporterStatus { delivery.status }

    public var component: ExporterComponent { delivery.component }

    public func interruptInFlightExports() { delivery.interruptInFlightExports() }

    /// Sends one batch, or stores it in the spool if there is one; a stored batch counts as delivered here.
    public func export(_ batch: borrowing MetricBatch, deadline: Deadline) async throws(ExportFailure) {
        try await deliver(copy batch, deadline: deadline).get()
    }

    func deliver(_ batch: MetricBatch, deadline: Deadline) async -> BatchOutcome {
        let items = OTLPMetricsRequest.items(batch)
        guard items.itemCount > 0 else { return .delivered }
        return await delivery.send(OTLPRequestBody(items, of: .metrics), deadline: deadline)
    }

    /// Sends the batches of the spool; returns once it is empty, or the receiver is unavailable.
    public func forceFlush(deadline: Deadline) async -> FlushResult { await delivery.forceFlush(deadline: deadline) }

    /// Shuts down; the batches of the spool are left to the next process.
    public func shutdown(deadline: Deadline) async -> FlushResult { await delivery.shutdown(deadline: deadline) }
}

extension MetricExporter where Self == OTLPMetricExporter {
    /// Sends metrics to an OTLP receiver over HTTP or gRPC; without arguments to what the environment says, or to this host.
    public static func otlp(
        endpoint: String? = nil, temporality: TemporalityPreference? = nil, histogramAggregation: Aggregation? = nil,
        options: OTLPOptions = OTLPOptions()
    ) -> Self {
        OTLPMetricExporter(
            endpoint: endpoint, temporality: temporality, histogramAggregation: histogramAggregation, options: options)
    }
}

extension MetricReader where Self == PeriodicMetricReader {
    /// Refuses an exporter without a reader.
    @available(*, unavailable, message: "An exporter stands behind a reader: .periodic(.otlp()).")
    public static func otlp(
        endpoint: String? = nil, temporality: TemporalityPreference? = nil, histogramAggregation: Aggregation? = nil,
        options: OTLPOptions = OTLPOptions()
    ) -> Self {
        .periodic(
            OTLPMetricExporter(
                endpoint: endpoint, temporality: temporality, histogramAggregation: histogramAggregation, options: options))
    }
}
