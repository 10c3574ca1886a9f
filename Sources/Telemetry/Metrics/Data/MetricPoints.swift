// Distinguishes the points of a metric by their OTLP data type.

/// The points of a metric: one of the five OTLP data types.
public enum MetricPoints: Sendable {
    /// The last value of each series.
    case gauge([NumberPoint])
    /// The sum of each series; a monotonic sum never decreases.
    case sum([NumberPoint], temporality: Temporality, isMonotonic: Bool)
    case histogram([HistogramPoint], temporality: Temporality)
    case exponentialHistogram([ExponentialHistogramPoint], temporality: Temporality)
    /// Quantiles, from metric producers only: the SDK makes none.
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
    /// The points of a gauge or a sum; empty for other data types.
    public var numbers: [NumberPoint] {
        switch self {
        case .gauge(let points), .sum(let points, _, _): points
        default: []
        }
    }

    /// The points of an explicit bucket histogram; empty for other data types.
    public var histograms: [HistogramPoint] { if case .histogram(let points, _) = self { points } else { [] } }

    /// The points of an exponential histogram; empty for other data types.
    public var exponentialHistograms: [ExponentialHistogramPoint] {
        if case .exponentialHistogram(let points, _) = self { points } else { [] }
    }
}
