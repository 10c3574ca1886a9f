// What can be chosen about a Prometheus page.

/// What can be chosen about a Prometheus page. (Specification: Prometheus exporter, "Configuration".)
public struct PrometheusOptions: Sendable {
    /// How names of metrics and attributes become names of Prometheus.
    public var translationStrategy = PrometheusTranslationStrategy.underscoreEscapingWithSuffixes
    /// Whether each sample says which scope it comes from, in labels that begin with `otel_scope_`.
    public var includesScopeLabels = true
    /// Whether there is a metric `target_info` whose labels are the attributes of the resource.
    public var includesTargetInfo = true
    /// Whether OpenMetrics and protobuf tell since when counters, histograms and summaries count.
    ///
    /// In OpenMetrics it is one more sample for each series, `_created`; Prometheus stores it unless it was started with
    /// `--enable-feature=created-timestamp-zero-ingestion`.
    public var includesStartTimes = true
    /// Attributes of the resource that stand on every sample; by default none.
    public var resourceLabels = PrometheusResourceLabels.none
    /// The format for readers that ask for none that there is.
    public var fallbackFormat = PrometheusFormat.text
    /// Aggregations for kinds of instruments where no view says another; for others the ones of the specification.
    public var aggregations: [InstrumentKind: Aggregation] = [:]
    /// How many series a metric may have, by kind, where no view says another number.
    public var cardinalityLimits: [InstrumentKind: Int] = [:]
    /// Metrics of other origin, collected together with the own ones.
    public var producers: [any MetricProducer] = []
    /// Leaves out metrics and series; by default none.
    public var filter: (any MetricFilter)?
    /// Bytes that the endpoint may hold for all its readers together; beyond it requests are refused with 503, and pages cut off that
    /// their readers leave untaken.
    public var maximumEndpointBytes = 64 << 20

    public init() {}

    /// What a reader with these options wants: sums since the beginning for all instruments.
    var readerOptions: MetricReaderOptions {
        MetricReaderOptions(
            temporality: .cumulative, aggregations: aggregations, cardinalityLimits: cardinalityLimits, producers: producers,
            filter: filter)
    }
}
