// Hot: an exponential histogram that lowers its scale as values need it.

/// The values of one series, counted in exponential buckets as fine as their range allows.
///
/// It lies in the memory of a lane, and must be used with that lane's lock held. Recording allocates only if the range of the values grows.
/// (Specification: metrics SDK, "Base2 Exponential Bucket Histogram Aggregation".)
struct ExponentialHistogram: ~Copyable {
    /// The largest number of buckets for each sign.
    let maxSize: Int
    let maxScale: Int
    /// The scale of both signs, which only falls until the next `reset`.
    private(set) var scale: Int
    private var sum = 0.0
    private var minimum = Double.infinity
    private var maximum = -Double.infinity
    private var zeroCount: UInt64 = 0
    private var positive = ExponentialBuckets()
    private var negative = ExponentialBuckets()
    private let buckets = ExponentialIndex()

    /// - Parameters:
    ///   - maxSize: from 2, which holds all values at the lowest scale, to 16384.
    ///   - maxScale: from -10 to 20.
    init(maxSize: Int, maxScale: Int) {
        assert((2...16384).contains(maxSize) && (-10...20).contains(maxScale), "The parameters were checked.")
        self.maxSize = maxSize
        self.maxScale = maxScale
        scale = maxScale
    }

    /// Whether nothing has been recorded since the last `reset`.
    var isEmpty: Bool { maximum < minimum }

    /// The allocated bytes besides the histogram itself.
    var sizeInBytes: Int { positive.sizeInBytes + negative.sizeInBytes }

    /// Records a finite value.
    @inline(__always)
    mutating func record(_ value: Double) {
        sum += value
        // Written this way, each is one instruction.
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

    /// Records a value whose bucket has no memory, at a lower scale if the buckets would be too many.
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

    /// Returns how far the scale must fall for both ranges to span at most `maxSize` buckets.
    private static func excess(of range: ClosedRange<Int>, and other: ClosedRange<Int>?, maxSize: Int) -> Int {
        let low = min(range.lowerBound, other?.lowerBound ?? range.lowerBound)
        let high = max(range.upperBound, other?.upperBound ?? range.upperBound)
        assert(maxSize >= 2, "At the lowest scale all values lie in two buckets, so that the search ends.")
        var shift = 0
        while (high >> shift) - (low >> shift) >= maxSize { shift += 1 }
        return shift
    }

    private mutating func downscale(by shift: Int) {
        positive.downscale(by: shift)
        negative.downscale(by: shift)
        scale -= shift
    }

    /// Merges another histogram, as if its values had been recorded here.
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

    /// Clears the histogram, restores the largest scale and keeps the memory.
    mutating func reset() {
        scale = maxScale
        sum = 0
        minimum = .infinity
        maximum = -.infinity
        zeroCount = 0
        positive.reset()
        negative.reset()
    }

    /// Returns what was recorded since the last `reset`.
    func distribution(recordsSum: Bool, recordsMinMax: Bool) -> ExponentialHistogramPoint.Distribution {
        var distribution = ExponentialHistogramPoint.Distribution()
        // The count is the sum of the buckets, so that both agree.
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
