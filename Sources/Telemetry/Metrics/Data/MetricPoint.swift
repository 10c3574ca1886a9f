// The points of metrics: one value, or one distribution, of one series.

import Synchronization

/// A set of attributes whose values are told together, with what formats keep of it.
final class Series: Sendable {
    let attributes: Attributes
    private let encoded = AtomicLazyReference<EncodedAttributes>()

    /// What takes the measurements of series beyond the limit. (Specification: metrics SDK, "Overflow attribute".)
    static let overflow = Series(["otel.metric.overflow": true])

    init(_ attributes: Attributes) {
        self.attributes = attributes
    }

    /// The attributes as fields of an OTLP data point, made when they are first asked for.
    ///
    /// - Parameter tag: the field's tag byte, always the same for the points of one metric.
    func encodedAttributes(tag: UInt8) -> [UInt8] {
        if let made = encoded.load(), made.tag == tag { return made.bytes }
        let made = EncodedAttributes(attributes, tag: tag)
        // Whoever asks for another tag does so against a foreign metric: made anew each time.
        return encoded.storeIfNil(made).tag == tag ? encoded.load()?.bytes ?? made.bytes : made.bytes
    }
}

/// Attributes as the repeated `KeyValue` fields of an OTLP data point.
private final class EncodedAttributes: Sendable {
    let tag: UInt8
    let bytes: [UInt8]

    init(_ attributes: Attributes, tag: UInt8) {
        self.tag = tag
        var writer = WireWriter()
        writer.field(Int(tag >> 3), attributes: attributes)
        bytes = writer.bytes
    }
}

/// The value of a gauge or a sum for one series.
public struct NumberPoint: Sendable {
    let series: Series
    /// Since when the value counts; the time itself for gauges.
    public let startTime: Timestamp
    public let time: Timestamp
    public let value: MetricNumber
    /// Nil for none, as nearly always: then there is no reference to count.
    private let kept: KeptExemplars?

    public var exemplars: [Exemplar] { kept?.exemplars ?? [] }

    init(series: Series, startTime: Timestamp, time: Timestamp, value: MetricNumber, exemplars: [Exemplar]) {
        self.series = series
        self.startTime = startTime
        self.time = time
        self.value = value
        kept = exemplars.isEmpty ? nil : KeptExemplars(exemplars)
    }

    public init(
        attributes: Attributes = [:], startTime: Timestamp, time: Timestamp, value: MetricNumber, exemplars: [Exemplar] = []
    ) {
        self.init(series: Series(attributes), startTime: startTime, time: time, value: value, exemplars: exemplars)
    }

    public var attributes: Attributes { series.attributes }
}

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

/// How the values of one series are distributed over buckets whose boundaries are powers of one base.
public struct ExponentialHistogramPoint: Sendable {
    /// Neighbouring buckets of one sign: the one with index i holds the values beyond base^i and up to base^(i+1).
    public struct Buckets: Sendable, Hashable {
        /// The index of the first count.
        public let offset: Int
        public let counts: [UInt64]

        public init(offset: Int = 0, counts: [UInt64] = []) {
            self.offset = offset
            self.counts = counts
        }
    }

    /// What is distributed, without whose it is and when.
    public struct Distribution: Sendable, Hashable {
        public var count: UInt64 = 0
        /// The sum of the values; nil when they can be negative, since it would then go up and down.
        public var sum: Double?
        public var min: Double?
        public var max: Double?
        /// The base is 2^(2^-scale).
        public var scale = 20
        /// Values whose magnitude is at most `zeroThreshold`.
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

/// Quantiles that somebody else has computed.
public struct SummaryPoint: Sendable {
    /// A value that a share of all values, from 0 to 1, does not exceed.
    public struct Quantile: Sendable, Hashable {
        public let share: Double
        public let value: Double

        public init(_ share: Double, value: Double) {
            self.share = share
            self.value = value
        }
    }

    let series: Series
    public let startTime: Timestamp
    public let time: Timestamp
    public let count: UInt64
    public let sum: Double
    public let quantiles: [Quantile]

    public init(
        attributes: Attributes = [:], startTime: Timestamp, time: Timestamp, count: UInt64, sum: Double, quantiles: [Quantile]
    ) {
        series = Series(attributes)
        self.startTime = startTime
        self.time = time
        self.count = count
        self.sum = sum
        self.quantiles = quantiles
    }

    public var attributes: Attributes { series.attributes }
}

/// The exemplars of a point that has some.
private final class KeptExemplars: Sendable {
    let exemplars: [Exemplar]

    init(_ exemplars: [Exemplar]) {
        self.exemplars = exemplars
    }
}

/// One measurement out of those that a point is made of.
public struct Exemplar: Sendable, Hashable {
    public let value: MetricNumber
    /// When it was measured.
    public let time: Timestamp
    /// The span in which it was measured, if there was one.
    public let traceID: TraceID?
    public let spanID: SpanID?
    /// What the measurement had beyond the attributes of the point: what views have removed turns up here.
    public let filteredAttributes: Attributes

    public init(
        value: MetricNumber, time: Timestamp, traceID: TraceID? = nil, spanID: SpanID? = nil, filteredAttributes: Attributes = [:]
    ) {
        self.value = value
        self.time = time
        self.traceID = traceID
        self.spanID = spanID
        self.filteredAttributes = filteredAttributes
    }
}
