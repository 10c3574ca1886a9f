// An aggregation after defaults and advisory parameters are applied.

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

extension ResolvedAggregation {
    /// The boundaries of explicit buckets, else none.
    var boundaries: [Double] { if case .histogram(let boundaries, _, _) = self { boundaries } else { [] } }
}
