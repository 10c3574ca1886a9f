// The settings of the exporter that shape its pages and limits.

/// The content, format and limits of Prometheus pages. (Specification: Prometheus exporter, "Configuration".)
public struct PrometheusOptions: Sendable {
    /// The translation of metric and attribute names.
    public var translationStrategy = PrometheusTranslationStrategy.underscoreEscapingWithSuffixes
    /// Names of metrics that get no suffixes for unit and type, whatever the strategy: those that dashboards know from another library.
    public var namesWithoutSuffixes: Set<String> = []
    /// Whether each sample has labels of its instrumentation scope, which begin with `otel_scope_`.
    public var includesScopeLabels = true
    /// Whether a metric `target_info` has the attributes of the resource as its labels.
    public var includesTargetInfo = true
    /// Whether counters, histograms and summaries have start times in OpenMetrics and protobuf.
    ///
    /// In OpenMetrics the start time is one more sample for each series, `_created`. Prometheus stores it unless it was started with
    /// `--enable-feature=created-timestamp-zero-ingestion`.
    public var includesStartTimes = true
    /// The attributes of the resource that every sample has as labels; by default none.
    public var resourceLabels = PrometheusResourceLabels.none
    /// The format for requests that name no supported format.
    public var fallbackFormat = PrometheusFormat.text
    /// Aggregations by kind of instrument, unless a view sets another; the default is the specification's.
    public var aggregations: [InstrumentKind: Aggregation] = [:]
    /// The cardinality limit by kind of instrument, unless a view sets another.
    public var cardinalityLimits: [InstrumentKind: Int] = [:]
    /// Producers of metrics from other sources, which are collected together with the SDK's.
    public var producers: [any MetricProducer] = []
    /// Drops metrics and series; by default none.
    public var filter: (any MetricFilter)?
    /// The limit for the bytes that the endpoint holds for all readers together.
    ///
    /// Beyond it requests are refused with 503, and pages that their readers do not receive are cut off.
    public var maximumEndpointBytes = 64 << 20

    public init() {}

    /// Returns the strategy for a metric of that name.
    func translationStrategy(of name: String) -> PrometheusTranslationStrategy {
        guard translationStrategy.addsSuffixes, namesWithoutSuffixes.contains(name) else { return translationStrategy }
        return translationStrategy.sanitises ? .underscoreEscapingWithoutSuffixes : .noTranslation
    }

    /// The options of the metric reader: cumulative temporality for all instruments.
    var readerOptions: MetricReaderOptions {
        var options = MetricReaderOptions(
            temporality: .cumulative, aggregations: aggregations, cardinalityLimits: cardinalityLimits, producers: producers,
            filter: filter)
        // Samples are written without the times of their points.
        options.keepsPoints = true
        return options
    }
}
