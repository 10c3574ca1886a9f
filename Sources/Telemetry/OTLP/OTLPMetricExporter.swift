// Sends metrics to an OTLP receiver over HTTP.

/// Sends metrics to an OTLP receiver over HTTP: kept connections, retries inside the deadline.
///
/// What is not given in code comes from the `OTEL_EXPORTER_OTLP_*` variables of the environment that telemetry is started with;
/// without a ``TelemetrySystem``, of the process. (OTLP specification, "OTLP/HTTP".)
public final class OTLPMetricExporter: ConfiguredMetricExporter, KeepingMetricExporter {
    private let delivery: OTLPDelivery
    private let preferences: OTLPMetricPreferences

    /// - Parameters:
    ///   - endpoint: short for the endpoint in the options.
    ///   - temporality: whether sums tell what happened since the beginning, or since the last export; by default
    ///     `OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE`, or since the beginning.
    ///   - histogramAggregation: of histograms where no view says another; by default
    ///     `OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION`, or explicit buckets.
    ///   - options: how it is sent; what is left out is asked of the environment.
    public init(
        endpoint: String? = nil, temporality: TemporalityPreference? = nil, histogramAggregation: Aggregation? = nil,
        options: OTLPOptions = OTLPOptions()
    ) {
        delivery = OTLPDelivery(.metrics, options.with(endpoint: endpoint))
        preferences = OTLPMetricPreferences(temporality: temporality, histogramAggregation: histogramAggregation)
    }

    func configure(_ environment: EnvironmentReader) throws(ConfigurationError) {
        try preferences.configure(environment)
        try delivery.configure(environment)
    }

    public var temporality: TemporalityPreference { preferences.temporality }

    public var aggregations: [InstrumentKind: Aggregation] { preferences.aggregations }

    var destinationName: String { delivery.name }

    var status: DestinationStatus { delivery.status }

    var component: ExportComponent { delivery.component }

    func interruptInFlightExports() { delivery.interruptInFlightExports() }

    /// Sends one batch, or keeps it in the spool if there is one: a batch that was kept counts as delivered here.
    public func export(_ batch: borrowing MetricBatch, deadline: Deadline) async throws(ExportFailure) {
        try await deliver(copy batch, deadline: deadline).get()
    }

    func deliver(_ batch: MetricBatch, deadline: Deadline) async -> BatchOutcome {
        let items = OTLPMetricsRequest.items(batch)
        guard items.itemCount > 0 else { return .delivered }
        return await delivery.send(OTLPRequestBody(items, of: .metrics), deadline: deadline)
    }

    /// Sends what waits in the spool. Returns as soon as nothing waits any more, or the receiver turns out to be away.
    public func forceFlush(deadline: Deadline) async -> FlushResult { await delivery.forceFlush(deadline: deadline) }

    /// Ends. What waits in the spool stays there for the next process.
    public func shutdown(deadline: Deadline) async -> FlushResult { await delivery.shutdown(deadline: deadline) }
}

extension MetricExporter where Self == OTLPMetricExporter {
    /// Sends metrics to an OTLP receiver over HTTP; without arguments to what the environment says, or to this host.
    public static func otlp(
        endpoint: String? = nil, temporality: TemporalityPreference? = nil, histogramAggregation: Aggregation? = nil,
        options: OTLPOptions = OTLPOptions()
    ) -> Self {
        OTLPMetricExporter(
            endpoint: endpoint, temporality: temporality, histogramAggregation: histogramAggregation, options: options)
    }
}
