// The aggregations that views and readers select, and the checks of their parameters.

/// What becomes of the measurements of an instrument. (Specification: metrics SDK, "Aggregation".)
public enum Aggregation: Sendable, Hashable {
    /// What the kind of the instrument asks for: sums for counters, the last value for gauges, explicit buckets for histograms.
    case `default`
    /// Nothing is kept.
    case drop
    case sum
    case lastValue
    /// Counts by buckets with the boundaries given, each bucket reaching up to and including its boundary.
    ///
    /// Nil boundaries are the ones of the specification: 0, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1000, 2500, 5000, 7500, 10000.
    case explicitBucketHistogram(boundaries: [Double]? = nil, recordsMinMax: Bool = true)
    /// Counts by buckets whose boundaries grow by a constant factor, as fine as `maxSize` buckets allow for each sign.
    case exponentialHistogram(maxSize: Int = 160, maxScale: Int = 20, recordsMinMax: Bool = true)

    /// The boundaries that histograms have when nobody says which.
    public static let defaultBoundaries: [Double] = [
        0, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1000, 2500, 5000, 7500, 10000,
    ]

    /// The aggregation of a kind when nobody says which.
    static func standard(for kind: InstrumentKind) -> Aggregation {
        switch kind {
        case .counter, .upDownCounter, .observableCounter, .observableUpDownCounter: .sum
        case .gauge, .observableGauge: .lastValue
        case .histogram: .explicitBucketHistogram()
        }
    }
}

extension Aggregation {
    /// What is wrong with the parameters, if something is.
    var problem: ConfigurationError? {
        switch self {
        case .default, .drop, .sum, .lastValue: nil
        case .explicitBucketHistogram(let boundaries, _):
            boundaries.flatMap {
                Self.areValid($0) ? nil : Self.error("boundaries", "\($0)", "finite numbers, each greater than the one before")
            }
        case .exponentialHistogram(let maxSize, let maxScale, _):
            if !(2...16384).contains(maxSize) {
                Self.error("maxSize", "\(maxSize)", "2 to 16384 buckets")
            } else if !(-10...20).contains(maxScale) {
                Self.error("maxScale", "\(maxScale)", "a scale from -10 to 20")
            } else {
                nil
            }
        }
    }

    /// Whether boundaries are finite and strictly rising.
    static func areValid(_ boundaries: [Double]) -> Bool {
        boundaries.allSatisfy(\.isFinite) && zip(boundaries, boundaries.dropFirst()).allSatisfy { $0 < $1 }
    }

    private static func error(_ setting: String, _ value: String, _ expected: String) -> ConfigurationError {
        ConfigurationError(setting: setting, value: value, expected: expected)
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
