// Data points of exponential histograms.

/// The distribution of one series over buckets whose boundaries are powers of one base.
public struct ExponentialHistogramPoint: Sendable {
    /// Consecutive buckets of one sign.
    ///
    /// The bucket with index i holds values greater than base^i and at most base^(i+1).
    public struct Buckets: Sendable, Hashable {
        /// The index of the first count.
        public let offset: Int
        public let counts: [UInt64]

        public init(offset: Int = 0, counts: [UInt64] = []) {
            self.offset = offset
            self.counts = counts
        }
    }

    /// The counts and statistics of a point, without its attributes and times.
    public struct Distribution: Sendable, Hashable {
        public var count: UInt64 = 0
        /// The sum of the values; nil if values may be negative, since it would not be monotonic.
        public var sum: Double?
        public var min: Double?
        public var max: Double?
        /// The base is 2^(2^-scale).
        public var scale = 20
        /// The number of values whose magnitude is at most `zeroThreshold`.
        public var zeroCount: UInt64 = 0
        public var zeroThreshold = 0.0
        public var positive = Buckets()
        public var negative = Buckets()

        public init() {}
    }

    let series: Series
    public let startTime: Timestamp
    public let time: Timestamp
    public let distribution: Distribution
    public let exemplars: [Exemplar]

    init(series: Series, startTime: Timestamp, time: Timestamp, distribution: Distribution, exemplars: [Exemplar]) {
        self.series = series
        self.startTime = startTime
        self.time = time
        self.distribution = distribution
        self.exemplars = exemplars
    }

    public init(
        attributes: Attributes = [:], startTime: Timestamp, time: Timestamp, distribution: Distribution, exemplars: [Exemplar] = []
    ) {
        self.init(series: Series(attributes), startTime: startTime, time: time, distribution: distribution, exemplars: exemplars)
    }

    public var attributes: Attributes { series.attributes }
}
