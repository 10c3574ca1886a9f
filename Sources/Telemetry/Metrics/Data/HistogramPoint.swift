// Data points of explicit bucket histograms.

/// How the values of one series are distributed over buckets with given boundaries.
public struct HistogramPoint: Sendable {
    let series: Series
    public let startTime: Timestamp
    public let time: Timestamp
    /// The number of values: the sum of all buckets.
    public let count: UInt64
    /// The sum of the values; nil when they can be negative, since it would then go up and down.
    public let sum: Double?
    public let min: Double?
    public let max: Double?
    /// The upper bounds of all buckets but the last, each of which belongs to its bucket.
    public let boundaries: [Double]
    /// One more than there are boundaries; not cumulative.
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

    /// A point whose count is the sum of its buckets.
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
