// Applies defaults and advisory parameters to an aggregation.

/// An aggregation with all parameters set. (Specification: metrics SDK, "Aggregation".)
enum ResolvedAggregation: Sendable, Hashable {
    case sum(isMonotonic: Bool)
    case lastValue
    case histogram(boundaries: [Double], recordsSum: Bool, recordsMinMax: Bool)
    case exponentialHistogram(maxSize: Int, maxScale: Int, recordsSum: Bool, recordsMinMax: Bool)

    /// Resolves an aggregation for an instrument kind; nil for `drop`.
    ///
    /// - Parameter advisedBoundaries: advisory boundaries, which override those of the aggregation.
    init?(_ aggregation: Aggregation, for kind: InstrumentKind, advisedBoundaries: [Double]?) {
        switch aggregation {
        case .default: self.init(.standard(for: kind), for: kind, advisedBoundaries: advisedBoundaries)
        case .drop: return nil
        case .sum: self = .sum(isMonotonic: kind.isMonotonic)
        case .lastValue: self = .lastValue
        case .explicitBucketHistogram(let boundaries, let recordsMinMax):
            // The sum is left out if it may decrease. (Specification: metrics SDK, "Histogram Aggregations".)
            self = .histogram(
                boundaries: advisedBoundaries ?? boundaries ?? Aggregation.defaultBoundaries, recordsSum: kind.isMonotonic,
                recordsMinMax: recordsMinMax)
        case .exponentialHistogram(let maxSize, let maxScale, let recordsMinMax):
            self = .exponentialHistogram(
                maxSize: maxSize, maxScale: maxScale, recordsSum: kind.isMonotonic, recordsMinMax: recordsMinMax)
        }
    }
}

extension ResolvedAggregation {
    /// The boundaries of explicit buckets; empty for other aggregations.
    var boundaries: [Double] { if case .histogram(let boundaries, _, _) = self { boundaries } else { [] } }
}
