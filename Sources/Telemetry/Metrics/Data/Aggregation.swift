// The aggregations that views and readers select, and the checks of their parameters.

/// Reduces the measurements of an instrument to points. (Specification: metrics SDK, "Aggregation".)
public enum Aggregation: Sendable, Hashable {
    /// The default of the instrument kind.
    ///
    /// That is a sum for counters, the last value for gauges and explicit buckets for histograms.
    case `default`
    /// Drops all measurements.
    case drop
    case sum
    case lastValue
    /// Counts values in explicit buckets, each of which includes its upper boundary.
    ///
    /// With nil boundaries the specification's apply: 0, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1000, 2500, 5000, 7500, 10000.
    case explicitBucketHistogram(boundaries: [Double]? = nil, recordsMinMax: Bool = true)
    /// Counts values in exponential buckets: at most `maxSize` for each sign, as fine as these allow.
    case exponentialHistogram(maxSize: Int = 160, maxScale: Int = 20, recordsMinMax: Bool = true)

    /// The boundaries of explicit bucket histograms that configure none.
    public static let defaultBoundaries: [Double] = [
        0, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1000, 2500, 5000, 7500, 10000,
    ]

    /// Returns the default aggregation of an instrument kind.
    static func standard(for kind: InstrumentKind) -> Aggregation {
        switch kind {
        case .counter, .upDownCounter, .observableCounter, .observableUpDownCounter: .sum
        case .gauge, .observableGauge: .lastValue
        case .histogram: .explicitBucketHistogram()
        }
    }
}

extension Aggregation: CheckedSettings {
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

    /// Reports whether boundaries are finite and strictly increasing.
    static func areValid(_ boundaries: [Double]) -> Bool {
        boundaries.allSatisfy(\.isFinite) && zip(boundaries, boundaries.dropFirst()).allSatisfy { $0 < $1 }
    }

    private static func error(_ setting: String, _ value: String, _ expected: String) -> ConfigurationError {
        ConfigurationError(setting: setting, value: value, expected: expected)
    }
}

extension Aggregation {
    /// Returns why the aggregation cannot be used for an instrument kind; nil if it can.
    func rejectionReason(for kind: InstrumentKind) -> String? {
        switch self {
        case .default, .drop, .sum: nil
        case .lastValue:
            kind.isAdditive ? "the last value alone does not tell what \(kind.nounWithArticle) adds up" : nil
        case .explicitBucketHistogram, .exponentialHistogram:
            // An observable gauge observes values, which have a distribution; observable counters observe running totals.
            kind.isAdditive && kind.isObservable
                ? "\(kind.nounWithArticle) observes running totals, whose distribution says nothing" : nil
        }
    }

    /// The name of the aggregation in code.
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
