// The functions of PromQL that the console has.

/// A function with the types of its arguments and of its result.
enum PromQLFunction: String, Sendable, CaseIterable {
    case abs, ceil, floor, exp, sqrt, ln, log2, log10, sgn
    case round, clamp
    case clampMinimum = "clamp_min", clampMaximum = "clamp_max"
    case rate, irate, increase, delta, idelta, deriv, changes, resets
    case averageOverTime = "avg_over_time", minimumOverTime = "min_over_time", maximumOverTime = "max_over_time"
    case sumOverTime = "sum_over_time", countOverTime = "count_over_time", lastOverTime = "last_over_time"
    case presentOverTime = "present_over_time", deviationOverTime = "stddev_over_time", varianceOverTime = "stdvar_over_time"
    case quantileOverTime = "quantile_over_time", absentOverTime = "absent_over_time", predictLinear = "predict_linear"
    case absent, scalar, vector, time, timestamp, pi
    case sort
    case sortDescending = "sort_desc"
    case labelReplace = "label_replace", labelJoin = "label_join"
    case histogramQuantile = "histogram_quantile", histogramCount = "histogram_count", histogramSum = "histogram_sum"
    case histogramAverage = "histogram_avg", histogramFraction = "histogram_fraction"
    /// Not a function of Prometheus: the number of log records that a search finds, by service.
    case logCount = "log_count"

    var result: PromQLExpression.ValueType {
        switch self {
        case .scalar, .time, .pi: .scalar
        default: .vector
        }
    }

    /// The types of the arguments; the last ones may be left out, or repeated, by ``optionalCount`` and ``isVariadic``.
    var arguments: [PromQLExpression.ValueType] {
        switch self {
        case .time, .pi: []
        case .vector: [.scalar]
        case .round, .clampMinimum, .clampMaximum: [.vector, .scalar]
        case .clamp: [.vector, .scalar, .scalar]
        case .rate, .irate, .increase, .delta, .idelta, .deriv, .changes, .resets, .averageOverTime, .minimumOverTime, .maximumOverTime,
            .sumOverTime, .countOverTime, .lastOverTime, .presentOverTime, .deviationOverTime, .varianceOverTime, .absentOverTime:
            [.matrix]
        case .quantileOverTime: [.scalar, .matrix]
        case .predictLinear: [.matrix, .scalar]
        case .labelReplace: [.vector, .string, .string, .string, .string]
        case .labelJoin: [.vector, .string, .string, .string]
        case .histogramQuantile: [.scalar, .vector]
        case .histogramFraction: [.scalar, .scalar, .vector]
        case .logCount: [.string, .scalar]
        default: [.vector]
        }
    }

    var optionalCount: Int { self == .round || self == .labelJoin ? 1 : 0 }
    var isVariadic: Bool { self == .labelJoin }
}
