// What a stored point states, and why one is refused.

/// Facts about the points of a series that decide how a new one is added.
struct SampleKind: Sendable {
    /// True if the values never fall unless the series starts again.
    var isMonotonic = false
    /// True if each point states the change since the one before; the store adds them up.
    var isDelta = false
    /// When the value was zero, in milliseconds; zero if that is unknown.
    var start: Int64 = 0
}

/// Reasons for refusing points, as the statistics name them.
enum MetricRejection: String, Sendable {
    case outOfOrder = "out of order"
    case repeated = "received before"
    case duplicateTime = "another value at the same time"
    case tooFarAhead = "too far in the future"
    case noTime = "without a time"
    case noValue = "without a value"
    case noName = "without a name"
    case noTemporality = "without a temporality"
    case mixedKinds = "numbers and histograms in one series"
    case invalidBuckets = "buckets and bounds disagree"
    case tooManyBuckets = "too many buckets"
    case tooManySeries = "too many series"
    case tooManyLabels = "too many labels"
    case cut = "cut from a request that was too large"
}
