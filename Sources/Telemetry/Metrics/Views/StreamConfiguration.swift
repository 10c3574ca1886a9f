// What a reader gets of one instrument: a stream of points with one name and one aggregation.

/// How one stream of an instrument is kept and exported, with every choice made. (Specification: metrics SDK, "Stream configuration".)
struct StreamConfiguration: Sendable, Hashable {
    let name: String
    let description: String
    let unit: String
    /// Of the instrument.
    let kind: InstrumentKind
    let isFloatingPoint: Bool
    let aggregation: ResolvedAggregation
    /// Nil keeps all attributes.
    let filter: AttributeFilter?
    let cardinalityLimit: Int
    /// Nil for the reservoir that the aggregation has by default.
    let exemplars: ExemplarReservoirChoice?

    /// Whether two readers that have this stream and the other one may count on the same values.
    ///
    /// Only streams of one instrument and of readers with the same temporality are asked about. Every field has to agree, the
    /// reservoirs of views included, which are the same when they come from the same view.
    func canShareStore(with other: StreamConfiguration) -> Bool { self == other }

    /// Says that there are more series than the limit allows.
    func reportCardinalityOverflow() {
        Diagnostics.report(
            .warning, topic: "metrics.cardinality.\(name)",
            "The metric \"\(name)\" has more than \(cardinalityLimit) series: what comes beyond is told of together, with the attribute"
                + " otel.metric.overflow. Use attributes with fewer values, keep fewer of them with a view, or raise the limit.")
    }
}

/// An aggregation with every choice made. (Specification: metrics SDK, "Aggregation".)
enum ResolvedAggregation: Sendable, Hashable {
    case sum(isMonotonic: Bool)
    case lastValue
    case histogram(boundaries: [Double], recordsSum: Bool, recordsMinMax: Bool)
    case exponentialHistogram(maxSize: Int, maxScale: Int, recordsSum: Bool, recordsMinMax: Bool)

    /// What an aggregation comes to for a kind of instrument; nil when nothing is kept.
    ///
    /// - Parameter advisedBoundaries: boundaries that count for more than those of the aggregation.
    init?(_ aggregation: Aggregation, for kind: InstrumentKind, advisedBoundaries: [Double]?) {
        switch aggregation {
        case .default: self.init(.standard(for: kind), for: kind, advisedBoundaries: advisedBoundaries)
        case .drop: return nil
        case .sum: self = .sum(isMonotonic: kind.isMonotonic)
        case .lastValue: self = .lastValue
        case .explicitBucketHistogram(let boundaries, let recordsMinMax):
            // A sum is left out where it could go down again. (Specification: metrics SDK, "Histogram Aggregations".)
            self = .histogram(
                boundaries: advisedBoundaries ?? boundaries ?? Aggregation.defaultBoundaries, recordsSum: kind.isMonotonic,
                recordsMinMax: recordsMinMax)
        case .exponentialHistogram(let maxSize, let maxScale, let recordsMinMax):
            self = .exponentialHistogram(
                maxSize: maxSize, maxScale: maxScale, recordsSum: kind.isMonotonic, recordsMinMax: recordsMinMax)
        }
    }
}

extension Aggregation {
    /// Why the aggregation makes no sense for a kind of instrument, for a person; nil when it does.
    func misfit(with kind: InstrumentKind) -> String? {
        switch self {
        case .default, .drop, .sum: nil
        case .lastValue:
            kind.isAdditive ? "the last value alone does not tell what \(kind.nounWithArticle) adds up" : nil
        case .explicitBucketHistogram, .exponentialHistogram:
            // An observable gauge observes values, which can be distributed; observable counters observe running totals.
            kind.isAdditive && kind.isObservable
                ? "\(kind.nounWithArticle) observes running totals, whose distribution says nothing" : nil
        }
    }

    /// The name of the aggregation, as it is written in code.
    var name: String {
        switch self {
        case .default: "default"
        case .drop: "drop"
        case .sum: "sum"
        case .lastValue: "lastValue"
        case .explicitBucketHistogram: "explicitBucketHistogram"
        case .exponentialHistogram: "exponentialHistogram"
        }
    }
}

extension InstrumentKind {
    /// The kind in a sentence.
    var nounWithArticle: String {
        switch self {
        case .counter: "a counter"
        case .upDownCounter: "an up-down counter"
        case .histogram: "a histogram"
        case .gauge: "a gauge"
        case .observableCounter: "an observable counter"
        case .observableUpDownCounter: "an observable up-down counter"
        case .observableGauge: "an observable gauge"
        }
    }
}

extension StreamConfiguration {
    /// Whether somebody else keeps the exemplars.
    var makesReservoirs: Bool { if case .custom = exemplars?.kind { true } else { false } }

    /// A reservoir for one series, where somebody else keeps the exemplars.
    func makeReservoir() -> (any ExemplarReservoir)? {
        if case .custom(let maker) = exemplars?.kind { maker.make() } else { nil }
    }
}

extension ResolvedAggregation {
    /// The boundaries of explicit buckets, else none.
    var boundaries: [Double] { if case .histogram(let boundaries, _, _) = self { boundaries } else { [] } }
}
