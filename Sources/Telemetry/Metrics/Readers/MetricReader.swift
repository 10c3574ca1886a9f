// What collects metrics: readers, and what they want.

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

/// What a reader wants of the metrics that it collects.
public struct MetricReaderOptions: Sendable {
    /// Whether sums tell what happened since the beginning, or since the last collection.
    public var temporality: TemporalityPreference
    /// Aggregations for kinds of instruments where no view says another; for others the ones of the specification.
    public var aggregations: [InstrumentKind: Aggregation]
    /// How many series a metric may have, by kind, where no view says another number; 2000 for kinds that are not named.
    ///
    /// One more series takes what comes beyond. (Specification: metrics SDK, "Cardinality limits".)
    public var cardinalityLimits: [InstrumentKind: Int]
    /// Metrics of other origin, collected together with the own ones.
    public var producers: [any MetricProducer]
    /// Leaves out metrics and series; by default none.
    public var filter: (any MetricFilter)?

    public init(
        temporality: TemporalityPreference = .cumulative, aggregations: [InstrumentKind: Aggregation] = [:],
        cardinalityLimits: [InstrumentKind: Int] = [:], producers: [any MetricProducer] = [], filter: (any MetricFilter)? = nil
    ) {
        self.temporality = temporality
        self.aggregations = aggregations
        self.cardinalityLimits = cardinalityLimits
        self.producers = producers
        self.filter = filter
    }
}

/// A source of metrics beside the instruments of the SDK: another library's, or the system's.
///
/// (Specification: metrics SDK, "MetricProducer".)
public protocol MetricProducer: Sendable {
    /// Returns what there is now; what the filter leaves out need not be made.
    func produce(filter: (any MetricFilter)?, deadline: Deadline) throws -> [ScopeMetrics]
}

/// Leaves out metrics or series before they are aggregated for a reader. (Specification: metrics SDK, "MetricFilter".)
public protocol MetricFilter: Sendable {
    /// Whether a metric is wanted, asked once for each collection.
    func verdict(on metric: MetricIdentity) -> MetricFilterVerdict

    /// Whether one series of a metric is wanted, asked for metrics that are wanted in part.
    func accepts(_ attributes: Attributes, of metric: MetricIdentity) -> Bool
}

extension MetricFilter {
    public func accepts(_ attributes: Attributes, of metric: MetricIdentity) -> Bool { true }
}

/// What a filter is told of a metric.
public struct MetricIdentity: Sendable, Hashable {
    public let instrumentationScope: InstrumentationScope
    public let name: String
    public let kind: InstrumentKind?
    public let unit: String

    /// - Parameter kind: nil for metrics that no instrument of the SDK has made.
    public init(instrumentationScope: InstrumentationScope, name: String, kind: InstrumentKind?, unit: String) {
        self.instrumentationScope = instrumentationScope
        self.name = name
        self.kind = kind
        self.unit = unit
    }
}

/// What a filter wants of a metric.
public enum MetricFilterVerdict: Sendable, Hashable {
    case accept
    case drop
    /// Some series: each is asked for.
    case acceptPartly
}

/// Why there is nothing to collect.
public enum MetricCollectionError: Error, Sendable, Hashable {
    /// The reader belongs to no provider yet.
    case notRegistered
    /// The provider was shut down.
    case shutDown
    /// A callback, filter, producer or reservoir asked for it that a collection of the same provider has called, and is waiting for.
    case withinCollection
}

extension MetricCollectionError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .notRegistered: "the reader belongs to no provider of metrics: give it to the one that is started"
        case .shutDown: "the reader or its provider has been shut down"
        case .withinCollection:
            "a collection of the same provider is under way, and called what asks for this one: collect from elsewhere, or afterwards"
        }
    }
}

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

/// Collects the metrics of a provider for one reader.
public final class MetricCollector: Sendable {
    private let source: @Sendable (Deadline) throws(MetricCollectionError) -> MetricBatch

    init(_ source: @escaping @Sendable (Deadline) throws(MetricCollectionError) -> MetricBatch) {
        self.source = source
    }

    /// Runs all callbacks and returns all metrics; one collection of a reader at a time, others wait their turn.
    ///
    /// - Parameter deadline: the longest that callbacks are waited for. What those that take longer observe is left out.
    /// - Throws: also when a collection of the same provider has called the code that asks for this one.
    public func collect(deadline: Deadline) throws(MetricCollectionError) -> MetricBatch { try source(deadline) }
}

/// An exporter that asks the environment for what code leaves open.
protocol ConfiguredMetricExporter: MetricExporter {
    /// Called before the first export, when telemetry starts.
    ///
    /// - Throws: when a setting given in code cannot be used; what is wrong with variables is reported.
    func configure(_ environment: EnvironmentReader) throws(ConfigurationError)
}

/// An exporter that can tell more about itself than how its exports end.
protocol ReportingMetricExporter: MetricExporter {
    /// What it delivers to, for people, without passwords.
    var destinationName: String { get }
    var status: DestinationStatus { get }
    /// What it is, for metrics about telemetry itself.
    var component: ExportComponent { get }

    /// Has exports that are under way end soon if what they deliver can be kept; called on another thread, at a shutdown.
    func interruptInFlightExports()
}

extension ReportingMetricExporter {
    var component: ExportComponent { ExportComponent(type: String(describing: Self.self)) }
    func interruptInFlightExports() {}
}

/// An exporter that may keep a batch which it cannot deliver now, where it outlives the process, and deliver it later.
protocol KeepingMetricExporter: ReportingMetricExporter {
    /// Delivers or keeps one batch; from then on ``ReportingMetricExporter/status`` counts what was kept.
    func deliver(_ batch: MetricBatch, deadline: Deadline) async -> BatchOutcome
}
