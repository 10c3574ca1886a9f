// The five OTLP data types of a metric, as one enumeration.

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
