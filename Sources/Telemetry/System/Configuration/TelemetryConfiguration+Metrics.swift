// The model of metrics.

extension TelemetryConfiguration {
    /// The meter provider.
    public struct MeterProvider: Sendable, Equatable {
        public var readers: [Reader]
        public var views: [View] = []
        public var exemplarFilter = ExemplarFilter.traceBased
        /// Which meters are on; nil for all.
        public var configurator: ScopeRules<MeterConfiguration>?

        public init(readers: [Reader]) {
            self.readers = readers
        }
    }

    /// A metric reader.
    public enum Reader: Sendable, Equatable {
        case periodic(Periodic)
        case pull(Pull)
    }

    /// A reader that collects at intervals, and exports.
    public struct Periodic: Sendable, Equatable {
        public var exporter: MetricExporter
        public var interval = Duration.seconds(60)
        /// The longest time of one export; zero for no limit.
        public var timeout = Duration.seconds(30)
        /// Points in one export at most; nil for no limit.
        public var maxExportBatchSize: Int?
        /// Producers of further metrics that code registers.
        public var producers: [Component] = []
        public var cardinalityLimits = CardinalityLimits()

        public init(_ exporter: MetricExporter) {
            self.exporter = exporter
        }
    }

    /// A reader that collects when it is asked.
    public struct Pull: Sendable, Equatable {
        public var exporter: PullExporter
        /// Producers of further metrics that code registers.
        public var producers: [Component] = []
        public var cardinalityLimits = CardinalityLimits()

        public init(_ exporter: PullExporter) {
            self.exporter = exporter
        }
    }

    /// An exporter of metrics, with what it prefers.
    public struct MetricExporter: Sendable, Equatable {
        public var exporter: Exporter
        public var temporality = TemporalityPreference.cumulative
        /// Whether histograms have exponential buckets unless a view sets others.
        public var prefersExponentialHistograms = false

        public init(_ exporter: Exporter) {
            self.exporter = exporter
        }
    }

    /// An exporter that is asked for metrics.
    public enum PullExporter: Sendable, Equatable {
        /// `prometheus/development`.
        case prometheus(Prometheus)
        /// A reader that code registers.
        case component(Component)
    }

    /// The endpoint for Prometheus.
    public struct Prometheus: Sendable, Equatable {
        public var host = "localhost"
        public var port = 9464
        public var includesScopeLabels = true
        public var includesTargetInfo = true
        /// The attributes of the resource that every sample has as labels; nil for none.
        public var resourceLabels: NameSelection?
        public var translationStrategy = PrometheusTranslationStrategy.underscoreEscapingWithSuffixes

        public init() {}
    }

    /// The largest numbers of series; nil stands for ``standard``.
    public struct CardinalityLimits: Sendable, Equatable {
        public var standard = 2000
        /// The limits of some kinds of instruments.
        public var byKind: [InstrumentKind: Int] = [:]

        public init() {}
    }

    /// A view: which instruments, and what becomes of them.
    public struct View: Sendable, Equatable {
        // The selector. Nil criteria are not tested.

        public var instrumentName: String?
        public var instrumentKind: InstrumentKind?
        public var unit: String?
        public var meterName: String?
        public var meterVersion: String?
        public var meterSchemaURL: String?

        // The stream. What is nil, the instrument and the reader decide.

        public var name: String?
        public var description: String?
        public var aggregation: Aggregation?
        public var cardinalityLimit: Int?
        /// The attributes that are kept, by patterns; nil for all.
        public var attributeKeys: NameSelection?

        public init() {}
    }
}
