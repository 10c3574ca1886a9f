// Converts exponential histograms: to native histograms in protobuf, to explicit buckets in text.

/// A Prometheus native histogram: integer counts in spans of consecutive buckets.
///
/// (Specification: Prometheus compatibility, "Exponential Histograms".)
struct NativeHistogram: Equatable {
    struct Span: Equatable {
        /// The index of the first bucket; in later spans the number of empty buckets since the span before.
        var offset: Int
        var length: Int
    }

    struct Buckets: Equatable {
        var spans: [Span] = []
        /// The difference of each count to the one before.
        var deltas: [Int] = []
        var count: UInt64 = 0
    }

    let schema: Int
    let zeroThreshold: Double
    let zeroCount: UInt64
    let sum: Double
    let positive: Buckets
    let negative: Buckets

    /// The sum of all buckets, so that count and buckets always agree.
    var count: UInt64 { zeroCount &+ positive.count &+ negative.count }

    /// The scales that Prometheus supports.
    private static let schemas = -4...8
    /// The threshold for histograms that state none.
    private static let usualZeroThreshold = 1e-128

    /// Returns nil if the sum is missing or the scale is below the lowest that Prometheus supports.
    init?(_ distribution: ExponentialHistogramPoint.Distribution) {
        guard let sum = distribution.sum, distribution.scale >= Self.schemas.lowerBound else { return nil }
        guard distribution.positive.isInRange, distribution.negative.isInRange else { return nil }
        schema = min(distribution.scale, Self.schemas.upperBound)
        zeroThreshold = distribution.zeroThreshold > 0 ? distribution.zeroThreshold : Self.usualZeroThreshold
        zeroCount = distribution.zeroCount
        self.sum = sum
        let shift = distribution.scale - schema
        positive = Self.buckets(distribution.positive, shift: shift)
        negative = Self.buckets(distribution.negative, shift: shift)
    }

    /// Prometheus indexes buckets by their upper bounds, so each index is greater by one.
    private static func buckets(_ buckets: ExponentialHistogramPoint.Buckets, shift: Int) -> Buckets {
        var result = Buckets()
        var (previousIndex, previousCount): (Int?, Int) = (nil, 0)
        for (index, count) in buckets.merged(shift: shift) where count > 0 {
            let index = index + 1
            if let previous = previousIndex, index == previous + 1 {
                result.spans[result.spans.count - 1].length += 1
            } else {
                result.spans.append(Span(offset: previousIndex.map { index - $0 - 1 } ?? index, length: 1))
            }
            result.deltas.append(Int(clamping: count) - previousCount)
            result.count &+= count
            (previousIndex, previousCount) = (index, Int(clamping: count))
        }
        return result
    }

    /// Encodes a signed integer so that small magnitudes take few bytes. (Protobuf: encoding, "Signed Integers".)
    static func zigzag(_ value: Int) -> UInt64 { UInt64(bitPattern: Int64((value << 1) ^ (value >> 63))) }
}

extension ExponentialHistogramPoint.Buckets {
    /// Whether all indices fit into the `sint32` of the protobuf message.
    fileprivate var isInRange: Bool { (-(1 << 30)...1 << 30).contains(offset) && counts.count < 1 << 20 }

    /// Returns the merged counts from the first to the last that is not zero.
    fileprivate func occupied(shift: Int) -> [(index: Int, count: UInt64)] {
        let all = isInRange ? merged(shift: shift) : []
        guard let first = all.firstIndex(where: { $0.count > 0 }), let last = all.lastIndex(where: { $0.count > 0 }) else { return [] }
        return Array(all[first...last])
    }

    /// Returns the counts by index after every 2^shift consecutive buckets are merged into one.
    fileprivate func merged(shift: Int) -> [(index: Int, count: UInt64)] {
        var result: [(index: Int, count: UInt64)] = []
        for (place, count) in counts.enumerated() {
            let index = (offset + place) >> shift
            if let last = result.last, last.index == index {
                result[result.count - 1].count &+= count
            } else {
                result.append((index, count))
            }
        }
        return result
    }
}

extension HistogramPoint {
    /// The limit for the buckets of each sign in text formats.
    private static let maximumBuckets = 64

    /// Converts an exponential histogram to one with bounds at powers of two, for formats without native histograms.
    ///
    /// Bounds that a series once had stay as long as its values span less than 64 powers of two, since rates by bucket need
    /// stable bounds. Beyond that every second bound is dropped, then every second of the rest. (Specification: Prometheus compatibility,
    /// "Exponential Histograms": such histograms may be converted to fixed buckets.)
    init(fixedBucketsOf point: ExponentialHistogramPoint) {
        let distribution = point.distribution
        let scale = Swift.min(Swift.max(distribution.scale, -Self.maximumBuckets), Self.maximumBuckets)
        // An index is an exponent of the base 2^(2^step).
        var step = Swift.max(0, -scale)
        var positive = distribution.positive.occupied(shift: step + scale)
        var negative = distribution.negative.occupied(shift: step + scale)
        while Swift.max(positive.count, negative.count) > Self.maximumBuckets {
            step += 1
            positive = distribution.positive.occupied(shift: step + scale)
            negative = distribution.negative.occupied(shift: step + scale)
        }
        var buckets: [(bound: Double, count: UInt64)] = negative.reversed().map { (-Self.powerOfTwo($0.index << step), $0.count) }
        if distribution.zeroCount > 0 || !negative.isEmpty {
            buckets.append((distribution.zeroThreshold, distribution.zeroCount))
        } else if let lowest = positive.first {
            // A bound below all values gives their lowest bucket a lower bound.
            buckets.append((Self.powerOfTwo(lowest.index << step), 0))
        }
        buckets += positive.map { (Self.powerOfTwo(($0.index + 1) << step), $0.count) }
        var boundaries: [Double] = []
        var counts: [UInt64] = []
        var countBeyond: UInt64 = 0
        for (bound, count) in buckets {
            if !bound.isFinite {
                countBeyond &+= count
            } else if let last = boundaries.last, bound <= last {
                counts[counts.count - 1] &+= count
            } else {
                boundaries.append(bound)
                counts.append(count)
            }
        }
        self.init(
            series: point.series, startTime: point.startTime, time: point.time, count: 0, sum: distribution.sum, min: distribution.min,
            max: distribution.max, boundaries: boundaries, bucketCounts: counts + [countBeyond], exemplars: point.exemplars)
    }

    private static func powerOfTwo(_ exponent: Int) -> Double {
        exponent < -1074 ? 0 : exponent > 1023 ? .infinity : Double(sign: .plus, exponent: exponent, significand: 1)
    }
}
