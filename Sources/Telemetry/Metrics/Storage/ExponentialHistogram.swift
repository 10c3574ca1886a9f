// What one series of an exponential histogram has recorded in one lane (hot).

/// The values of one series of an exponential histogram, counted in buckets as fine as their range allows.
///
/// It lies in the memory of a lane and is used under that lane's lock. Recording allocates only when the range of the values
/// grows. (Specification: metrics SDK, "Base2 Exponential Bucket Histogram Aggregation".)
struct ExponentialHistogram: ~Copyable {
    /// The largest number of buckets for each sign.
    let maxSize: Int
    let maxScale: Int
    /// One for both signs: it only falls until the next `reset`.
    private(set) var scale: Int
    private var sum = 0.0
    private var minimum = Double.infinity
    private var maximum = -Double.infinity
    private var zeroCount: UInt64 = 0
    private var positive = ExponentialBuckets()
    private var negative = ExponentialBuckets()
    private let buckets = ExponentialIndex()

    /// - Parameters:
    ///   - maxSize: from 2, with which the lowest scale holds all values there are, to 16384.
    ///   - maxScale: from -10 to 20.
    init(maxSize: Int, maxScale: Int) {
        self.maxSize = maxSize
        self.maxScale = maxScale
        scale = maxScale
    }

    /// Whether nothing has been recorded since the last `reset`.
    var isEmpty: Bool { maximum < minimum }

    /// The bytes of memory held beside the histogram itself.
    var sizeInBytes: Int { positive.sizeInBytes + negative.sizeInBytes }

    /// Counts a finite value.
    @inline(__always)
    mutating func record(_ value: Double) {
        sum += value
        // In these words both are one instruction.
        minimum = minimum < value ? minimum : value
        maximum = maximum > value ? maximum : value
        if value == 0 {
            zeroCount &+= 1
            return
        }
        let index = buckets.index(of: value, scale: scale)
        let isCounted = value > 0 ? positive.increment(index) : negative.increment(index)
        if !isCounted { makeRoom(for: index, isNegative: value < 0) }
    }

    /// Counts a value whose bucket lies outside of the memory there is, at a lower scale where the buckets would be too many.
    @inline(never)
    private mutating func makeRoom(for index: Int, isNegative: Bool) {
        let range = index...index
        let shift = Self.excess(of: range, and: isNegative ? negative.occupied : positive.occupied, maxSize: maxSize)
        if shift > 0 { downscale(by: shift) }
        let index = index >> shift
        if isNegative {
            negative.reserve(index...index, maxSize: maxSize)
            negative.add(1, to: index)
        } else {
            positive.reserve(index...index, maxSize: maxSize)
            positive.add(1, to: index)
        }
    }

    /// By how much the scale must fall for two ranges to lie within `maxSize` buckets.
    private static func excess(of range: ClosedRange<Int>, and other: ClosedRange<Int>?, maxSize: Int) -> Int {
        let low = min(range.lowerBound, other?.lowerBound ?? range.lowerBound)
        let high = max(range.upperBound, other?.upperBound ?? range.upperBound)
        var shift = 0
        while (high >> shift) - (low >> shift) >= maxSize { shift += 1 }
        return shift
    }

    private mutating func downscale(by shift: Int) {
        positive.downscale(by: shift)
        negative.downscale(by: shift)
        scale -= shift
    }

    /// Adds what another histogram holds, as if all its values had been recorded here.
    mutating func merge(_ other: borrowing ExponentialHistogram) {
        if other.isEmpty { return }
        sum += other.sum
        minimum = min(minimum, other.minimum)
        maximum = max(maximum, other.maximum)
        zeroCount &+= other.zeroCount
        let lower = min(scale, other.scale)
        if lower < scale { downscale(by: scale - lower) }
        let distance = other.scale - lower
        let positives = other.positive.occupied.map { $0.lowerBound >> distance...$0.upperBound >> distance }
        let negatives = other.negative.occupied.map { $0.lowerBound >> distance...$0.upperBound >> distance }
        let excess = max(
            positives.map { Self.excess(of: $0, and: positive.occupied, maxSize: maxSize) } ?? 0,
            negatives.map { Self.excess(of: $0, and: negative.occupied, maxSize: maxSize) } ?? 0)
        if excess > 0 { downscale(by: excess) }
        let shift = distance + excess
        if let range = positives {
            positive.reserve(range.lowerBound >> excess...range.upperBound >> excess, maxSize: maxSize)
            other.positive.forEach { positive.add($1, to: $0 >> shift) }
        }
        if let range = negatives {
            negative.reserve(range.lowerBound >> excess...range.upperBound >> excess, maxSize: maxSize)
            other.negative.forEach { negative.add($1, to: $0 >> shift) }
        }
    }

    /// Forgets everything, returns to the finest scale and keeps the memory.
    mutating func reset() {
        scale = maxScale
        sum = 0
        minimum = .infinity
        maximum = -.infinity
        zeroCount = 0
        positive.reset()
        negative.reset()
    }

    /// What has been recorded since the last `reset`.
    func distribution(recordsSum: Bool, recordsMinMax: Bool) -> ExponentialHistogramPoint.Distribution {
        var distribution = ExponentialHistogramPoint.Distribution()
        // The sum of what is counted, so that the count cannot disagree with the buckets.
        distribution.count = zeroCount &+ positive.total &+ negative.total
        distribution.scale = scale
        distribution.zeroCount = zeroCount
        distribution.positive = positive.point
        distribution.negative = negative.point
        if recordsSum { distribution.sum = sum }
        if recordsMinMax && !isEmpty {
            distribution.min = minimum
            distribution.max = maximum
        }
        return distribution
    }
}
