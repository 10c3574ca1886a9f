// Draws a histogram in one short line of text.

/// The buckets of a histogram as a line of blocks, with the range of its values.
struct BucketBars: Equatable {
    /// The lower bound of the first block and the upper bound of the last.
    let lower: String
    let upper: String
    /// One block for each bucket, or for several if there are many; a dot for empty ones.
    let blocks: String

    private static let levels = Array("▁▂▃▄▅▆▇█")
    private static let maximumBlocks = 24

    /// Returns nil for a histogram without values.
    init?(_ point: HistogramPoint) {
        guard let range = Self.filled(point.bucketCounts) else { return nil }
        let last = point.bucketCounts.count - 1
        self.init(
            point.bucketCounts[range], from: range.lowerBound == 0 ? point.min ?? -.infinity : point.boundaries[range.lowerBound - 1],
            to: range.upperBound == last ? point.max ?? .infinity : point.boundaries[range.upperBound])
    }

    init?(_ point: ExponentialHistogramPoint) {
        let distribution = point.distribution
        // The order is negative values, zero, positive values. Gaps between the three are not drawn.
        var counts = Array(distribution.negative.counts.reversed())
        var bounds = distribution.negative.counts.indices.reversed().map {
            -Self.bound(distribution.negative.offset &+ $0 &+ 1, distribution.scale)
        }
        if distribution.zeroCount > 0 || !(distribution.negative.counts.isEmpty || distribution.positive.counts.isEmpty) {
            counts.append(distribution.zeroCount)
            bounds.append(distribution.negative.counts.isEmpty ? 0 : -Self.bound(distribution.negative.offset, distribution.scale))
        }
        bounds += distribution.positive.counts.indices.map { Self.bound(distribution.positive.offset &+ $0, distribution.scale) }
        counts += distribution.positive.counts
        if !distribution.positive.counts.isEmpty {
            bounds.append(Self.bound(distribution.positive.offset &+ distribution.positive.counts.count, distribution.scale))
        } else {
            bounds.append(
                counts.count > distribution.negative.counts.count ? 0 : -Self.bound(distribution.negative.offset, distribution.scale))
        }
        guard let range = Self.filled(counts) else { return nil }
        self.init(counts[range], from: distribution.min ?? bounds[range.lowerBound], to: distribution.max ?? bounds[range.upperBound + 1])
    }

    private init(_ counts: ArraySlice<UInt64>, from lower: Double, to upper: Double) {
        self.lower = ReadableNumber.text(lower)
        self.upper = ReadableNumber.text(upper)
        let width = (counts.count + Self.maximumBlocks - 1) / Self.maximumBlocks
        let sums = stride(from: counts.startIndex, to: counts.endIndex, by: width).map { start in
            counts[start..<min(start + width, counts.endIndex)].reduce(0.0) { $0 + Double($1) }
        }
        let highest = sums.max() ?? 0
        blocks = String(sums.map { $0 == 0 ? "·" : Self.levels[max(0, Int(($0 / highest * 8).rounded(.up)) - 1)] })
    }

    /// Returns the buckets from the first to the last with values.
    private static func filled(_ counts: [UInt64]) -> ClosedRange<Int>? {
        guard let first = counts.firstIndex(where: { $0 > 0 }), let last = counts.lastIndex(where: { $0 > 0 }) else { return nil }
        return first...last
    }

    /// Returns the approximate lower bound of a bucket: base^index is 2^(index / 2^scale).
    private static func bound(_ index: Int, _ scale: Int) -> Double {
        // Beyond these exponents a Double has no value.
        let shift = min(max(scale, -11), 40)
        let limit = 1 << 60
        let clamped = min(max(index, -limit), limit)
        guard shift > 0 else {
            let (product, isOverflown) = clamped.multipliedReportingOverflow(by: 1 << -shift)
            return powerOfTwo(isOverflown ? clamped.signum() * 2_000 : product)
        }
        var value = powerOfTwo(clamped >> shift)
        // The fraction of the exponent is a sum of 1/2, 1/4, …: the number is multiplied by the matching roots of two.
        var root = 2.0
        for bit in (0..<shift).reversed() {
            root = root.squareRoot()
            if clamped & (1 << bit) != 0 { value *= root }
        }
        return value
    }

    private static func powerOfTwo(_ exponent: Int) -> Double {
        exponent > 1023 ? .infinity : Double(sign: .plus, exponent: max(exponent, -1074), significand: 1)
    }
}
