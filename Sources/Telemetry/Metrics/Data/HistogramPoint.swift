// Data points of explicit bucket histograms.

/// The distribution of one series over explicit buckets.
public struct HistogramPoint: Sendable {
    let series: Series
    public let startTime: Timestamp
    public let time: Timestamp
    /// The number of values, which is the sum of all bucket counts.
    public let count: UInt64
    /// The sum of the values; nil if values may be negative, since it would not be monotonic.
    public let sum: Double?
    public let min: Double?
    public let max: Double?
    /// The inclusive upper boundaries of all buckets but the last.
    public let boundaries: [Double]
    /// The counts of all buckets, one more than there are boundaries; not cumulative.
    public let bucketCounts: [UInt64]
    public let exemplars: [Exemplar]

    init(
        series: Series, startTime: Timestamp, time: Timestamp, count: UInt64, sum: Double?, min: Double?, max: Double?,
        boundaries: [Double], bucketCounts: [UInt64], exemplars: [Exemplar]
    ) {
        self.series = series
        self.startTime = startTime
        self.time = time
        self.count = count
        self.sum = sum
        self.min = min
        self.max = max
        self.boundaries = boundaries
        self.bucketCounts = bucketCounts
        self.exemplars = exemplars
    }

    /// Creates a point whose count is the sum of its buckets.
    public init(
        attributes: Attributes = [:], startTime: Timestamp, time: Timestamp, sum: Double?, min: Double? = nil, max: Double? = nil,
        boundaries: [Double], bucketCounts: [UInt64], exemplars: [Exemplar] = []
    ) {
        precondition(bucketCounts.count == boundaries.count + 1, "There is one bucket more than there are boundaries.")
        self.init(
            series: Series(attributes), startTime: startTime, time: time, count: bucketCounts.reduce(0, &+), sum: sum, min: min,
            max: max, boundaries: boundaries, bucketCounts: bucketCounts, exemplars: exemplars)
    }

    public var attributes: Attributes { series.attributes }
}
