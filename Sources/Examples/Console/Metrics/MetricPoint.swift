// A received point, decoded and not yet stored.

import Telemetry

/// A point of a metric in the form that the store takes.
struct MetricPoint: Sendable {
    /// A histogram with explicit bounds; `counts` has one more element than `bounds`.
    struct Classic: Sendable {
        var count: UInt64 = 0
        var sum: Double?
        var bounds: [Double] = []
        var counts: [UInt64] = []
    }

    struct Summary: Sendable {
        var count: UInt64 = 0
        var sum = 0.0
        var quantiles: [(quantile: Double, value: Double)] = []
    }

    struct Exemplar: Sendable {
        var time = Timestamp(nanosecondsSinceEpoch: 0)
        var value = 0.0
        var traceID = ""
        var spanID = ""
        var attributes: [Attributes.Element] = []
    }

    enum Value: Sendable {
        case number(MetricNumber64)
        case classic(Classic)
        case exponential(FloatHistogram)
        case summary(Summary)
    }

    /// The labels with the name of the metric; components of histograms and summaries add suffixes and labels.
    var labels: LabelSet
    /// Milliseconds since 1970.
    var time: Int64
    var kind: SampleKind
    var value: Value
    /// True if the point only states that the series has no value.
    var isStale = false
    var exemplars: [Exemplar] = []
}

/// The points of one metric of one sender.
struct MetricBatchPart: Sendable {
    var family: MetricFamily
    var points: [MetricPoint] = []
    /// Points that could not be decoded, by reason.
    var rejected: [MetricRejection: Int] = [:]
}
