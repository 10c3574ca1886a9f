// What a collection found: metrics by scope, each with its points.

import Synchronization

/// What one collection of a reader found: the metrics of one provider, by scope.
///
/// Metrics without points and scopes without metrics are left out. (Metrics data model.)
public struct MetricBatch: Sendable {
    let recordedResource: RecordedResource
    public internal(set) var scopes: [ScopeMetrics]

    init(recordedResource: RecordedResource, scopes: [ScopeMetrics]) {
        self.recordedResource = recordedResource
        self.scopes = scopes
    }

    /// Metrics of any origin, for tests of exporters.
    public init(resource: Resource, scopes: [ScopeMetrics]) {
        self.init(recordedResource: RecordedResource(resource), scopes: scopes)
    }

    /// What the metrics describe.
    public var resource: Resource { recordedResource.resource }

    /// The number of points of all metrics.
    public var pointCount: Int { scopes.reduce(0) { $0 + $1.metrics.reduce(0) { $0 + $1.points.count } } }

    /// All metrics, whatever their scope.
    public var metrics: [MetricData] { scopes.flatMap(\.metrics) }
}

/// The metrics of one instrumentation scope.
public struct ScopeMetrics: Sendable {
    /// The scope as it stands in OTLP; nil when it came from a producer outside.
    let recordedScope: RecordedScope?
    public let instrumentationScope: InstrumentationScope
    public internal(set) var metrics: [MetricData]

    init(recordedScope: RecordedScope, metrics: [MetricData]) {
        self.recordedScope = recordedScope
        instrumentationScope = recordedScope.scope
        self.metrics = metrics
    }

    public init(instrumentationScope: InstrumentationScope, metrics: [MetricData]) {
        recordedScope = nil
        self.instrumentationScope = instrumentationScope
        self.metrics = metrics
    }
}

/// A metric: a name and the points of all its series.
public struct MetricData: Sendable {
    /// The same object at each collection: formats keep what they made of it.
    let descriptor: MetricDescriptor
    public internal(set) var points: MetricPoints

    init(descriptor: MetricDescriptor, points: MetricPoints) {
        self.descriptor = descriptor
        self.points = points
    }

    /// - Parameters:
    ///   - unit: in UCUM notation.
    ///   - metadata: whatever else is known of the metric; it does not tell it apart from others.
    public init(name: String, unit: String = "", description: String = "", metadata: Attributes = [:], points: MetricPoints) {
        self.init(descriptor: MetricDescriptor(name: name, unit: unit, description: description, metadata: metadata), points: points)
    }

    public var name: String { descriptor.name }
    public var unit: String { descriptor.unit }
    public var description: String { descriptor.description }
    public var metadata: Attributes { descriptor.metadata }
}

/// What is said of a metric once for all its points.
final class MetricDescriptor: Sendable {
    let name: String
    let unit: String
    let description: String
    let metadata: Attributes
    private let encoded = AtomicLazyReference<EncodedDescriptor>()

    init(name: String, unit: String, description: String, metadata: Attributes = [:]) {
        self.name = name
        self.unit = unit
        self.description = description
        self.metadata = metadata
    }

    /// All of it as fields of an OTLP `Metric`, made when they are first asked for.
    var encodedFields: [UInt8] { (encoded.load() ?? encoded.storeIfNil(EncodedDescriptor(self))).bytes }
}

/// What is said of a metric as fields of an OTLP `Metric`.
private final class EncodedDescriptor: Sendable {
    let bytes: [UInt8]

    init(_ descriptor: MetricDescriptor) {
        var writer = WireWriter()
        writer.field(OTLPSchema.Metric.name.number, text: descriptor.name)
        writer.field(OTLPSchema.Metric.description.number, text: descriptor.description)
        writer.field(OTLPSchema.Metric.unit.number, text: descriptor.unit)
        writer.field(OTLPSchema.Metric.metadata.number, attributes: descriptor.metadata)
        bytes = writer.bytes
    }
}

/// The points of a metric, by what they tell.
public enum MetricPoints: Sendable {
    /// Values that hold at a time.
    case gauge([NumberPoint])
    /// Sums; monotonic ones never go down.
    case sum([NumberPoint], temporality: Temporality, isMonotonic: Bool)
    case histogram([HistogramPoint], temporality: Temporality)
    case exponentialHistogram([ExponentialHistogramPoint], temporality: Temporality)
    /// From producers outside only: the SDK makes none.
    case summary([SummaryPoint])

    public var count: Int {
        switch self {
        case .gauge(let points), .sum(let points, _, _): points.count
        case .histogram(let points, _): points.count
        case .exponentialHistogram(let points, _): points.count
        case .summary(let points): points.count
        }
    }
}

extension MetricPoints {
    /// The points of gauges and sums; of others none.
    public var numbers: [NumberPoint] {
        switch self {
        case .gauge(let points), .sum(let points, _, _): points
        default: []
        }
    }

    /// The points of histograms with explicit buckets; of others none.
    public var histograms: [HistogramPoint] { if case .histogram(let points, _) = self { points } else { [] } }

    /// The points of exponential histograms; of others none.
    public var exponentialHistograms: [ExponentialHistogramPoint] {
        if case .exponentialHistogram(let points, _) = self { points } else { [] }
    }
}
