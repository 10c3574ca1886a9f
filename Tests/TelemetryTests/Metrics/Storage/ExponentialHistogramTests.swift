// Scale, size, merge and reset of exponential histograms.

import Testing

@testable import Telemetry

struct ExponentialHistogramTests {
    private typealias Distribution = ExponentialHistogramPoint.Distribution

    private static func distribution(of values: [Double], maxSize: Int = 160, maxScale: Int = 20) -> Distribution {
        var histogram = ExponentialHistogram(maxSize: maxSize, maxScale: maxScale)
        for value in values { histogram.record(value) }
        return histogram.distribution(recordsSum: true, recordsMinMax: true)
    }

    /// The expected distribution: the largest scale at which the buckets of both signs fit.
    private static func expected(of values: [Double], maxSize: Int, maxScale: Int) -> Distribution {
        let index = ExponentialIndex()
        var result = Distribution()
        result.count = UInt64(values.count)
        result.sum = values.reduce(0, +)
        result.min = values.min()
        result.max = values.max()
        result.zeroCount = UInt64(values.count { $0 == 0 })
        for scale in stride(from: maxScale, through: -10, by: -1) {
            let positive = values.filter { $0 > 0 }.map { index.index(of: $0, scale: scale) }
            let negative = values.filter { $0 < 0 }.map { index.index(of: $0, scale: scale) }
            let sizes = [positive, negative].map { ($0.max() ?? 0) - ($0.min() ?? 0) + 1 }
            if sizes.allSatisfy({ $0 <= maxSize }) {
                result.scale = scale
                result.positive = buckets(positive)
                result.negative = buckets(negative)
                return result
            }
        }
        return result
    }

    private static func buckets(_ indexes: [Int]) -> ExponentialHistogramPoint.Buckets {
        guard let low = indexes.min(), let high = indexes.max() else { return .init() }
        var counts = [UInt64](repeating: 0, count: high - low + 1)
        for index in indexes { counts[index - low] += 1 }
        return .init(offset: low, counts: counts)
    }

    /// Random values: a narrow or wide range, one sign or both, with zeros.
    private static func values(_ generator: inout SplitMix64) -> [Double] {
        let widths: [Double] = [0.00001, 0.01, 1, 20, 300, 2000]
        let octaves = widths.randomElement(using: &generator) ?? 1
        let start = Double.random(in: -1000...1000, using: &generator)
        let manners: [[Double]] = [[1], [-1], [1, -1], [1, 1, 1, -1, 0]]
        let signs = manners.randomElement(using: &generator) ?? [1]
        return (0..<Int.random(in: 0...120, using: &generator)).map { _ in
            let logarithm = min(1022, max(-1021, start + octaves * Double.random(in: 0...1, using: &generator)))
            let exponent = logarithm.rounded(.down)
            let magnitude = Double(sign: .plus, exponent: Int(exponent), significand: 1 + (logarithm - exponent))
            return (signs.randomElement(using: &generator) ?? 1) * magnitude
        }
    }

    // MARK: Scale and size

    @Test func singleValueHasMaxScale() {
        for value in [1.0, 3.3, 1e-300, 1e300, -7] {
            let found = Self.distribution(of: [value])
            #expect(found.scale == 20)
            #expect((value > 0 ? found.positive : found.negative).counts == [1])
        }
        #expect(Self.distribution(of: [3.3], maxScale: 4).scale == 4)
        #expect(Self.distribution(of: [3.3], maxScale: -10).scale == -10)
    }

    @Test func bucketsAreUpperInclusive() {
        let found = Self.distribution(of: [1, 2, 4], maxScale: 0)
        #expect(found.positive == .init(offset: -1, counts: [1, 1, 1]))
        #expect(Self.distribution(of: [1.5, 2, 3, 4], maxScale: 0).positive == .init(offset: 0, counts: [2, 2]))
    }

    @Test func scaleFallsOnlyAsFarAsNeeded() {
        // Four buckets of scale 0 hold 1 to 16 and no more.
        #expect(Self.distribution(of: [2, 4, 8, 16], maxSize: 4).scale == 0)
        #expect(Self.distribution(of: [2, 4, 8, 16], maxSize: 4).positive == .init(offset: 0, counts: [1, 1, 1, 1]))
        #expect(Self.distribution(of: [1, 2, 4, 8, 16], maxSize: 4).scale == -1)
        #expect(Self.distribution(of: [1, 2, 4, 8, 16], maxSize: 4).positive == .init(offset: -1, counts: [1, 2, 2]))
        var generator = SplitMix64(seed: 5)
        for maxSize in [2, 3, 4, 7, 8, 20, 100, 160, 161] {
            for maxScale in [20, 20, 20, 8, 1, 0, -1, -10] {
                let values = Self.values(&generator)
                let found = Self.distribution(of: values, maxSize: maxSize, maxScale: maxScale)
                #expect(found == Self.expected(of: values, maxSize: maxSize, maxScale: maxScale))
                #expect(found.positive.counts.count <= maxSize && found.negative.counts.count <= maxSize)
            }
        }
    }

    @Test func valueOrderDoesNotMatter() {
        var generator = SplitMix64(seed: 6)
        for _ in 0..<50 {
            let values = Self.values(&generator)
            let first = Self.distribution(of: values, maxSize: 20)
            for other in [values.sorted(), values.sorted(by: >), values.shuffled(using: &generator)] {
                let found = Self.distribution(of: other, maxSize: 20)
                #expect(found.positive == first.positive && found.negative == first.negative && found.scale == first.scale)
            }
        }
    }

    @Test func bothSignsShareOneScale() {
        let narrow = Self.distribution(of: [1, 1.000001])
        #expect(narrow.scale == 20)
        let both = Self.distribution(of: [1, 1.000001, -1, -1e9])
        #expect(both.scale < 5)
        #expect(both.positive.counts == [1, 1] || both.positive.counts == [2])
        #expect(both.negative.counts.count <= 160)
        #expect(both == Self.expected(of: [1, 1.000001, -1, -1e9], maxSize: 160, maxScale: 20))
    }

    @Test func allFiniteValuesFitIntoTwoBuckets() {
        let values = [Double.leastNonzeroMagnitude, .leastNormalMagnitude, 1, 2, .greatestFiniteMagnitude]
        let found = Self.distribution(of: values + values.map { -$0 }, maxSize: 2)
        #expect(found.scale == -10)
        #expect(found.positive == .init(offset: -1, counts: [3, 2]))
        #expect(found.negative == found.positive)
        #expect(Self.distribution(of: values, maxSize: 160).scale == -4)
    }

    @Test func largestMaxSizeIsNotExceeded() {
        var generator = SplitMix64(seed: 7)
        let values = (0..<2_000).map { _ in Double.random(in: 1...1e6, using: &generator) } + [1, 1e6]
        #expect(
            Self.distribution(of: values, maxSize: 16384) == Self.expected(of: values, maxSize: 16384, maxScale: 20))
        #expect(Self.distribution(of: values, maxSize: 16384).scale == 9)
    }

    // MARK: Zeros and extreme values

    @Test func zerosOfBothSignsAreInZeroCount() {
        let found = Self.distribution(of: [0, -0.0, 0, 5])
        #expect(found.zeroCount == 3)
        #expect(found.count == 4)
        #expect(found.positive.counts == [1])
        #expect(found.scale == 20)
        #expect(found.zeroThreshold == 0)
        #expect(found.min == 0 && found.max == 5 && found.sum == 5)
    }

    @Test func subnormalValuesShareBucketOfLeastNormalValue() {
        let found = Self.distribution(of: [.leastNonzeroMagnitude, 0x1p-1030, .leastNormalMagnitude, -0x1p-1063])
        #expect(found.zeroCount == 0)
        #expect(found.positive.counts == [3])
        #expect(found.positive.offset == (-1022 << 20) - 1)
        #expect(found.negative == .init(offset: (-1022 << 20) - 1, counts: [1]))
        // Minimum and maximum are the recorded values.
        #expect(found.min == -0x1p-1063)
    }

    @Test func extremeValuesHaveSeparateBuckets() {
        let found = Self.distribution(of: [.greatestFiniteMagnitude, -.greatestFiniteMagnitude])
        #expect(found.positive == .init(offset: (1024 << 20) - 1, counts: [1]))
        #expect(found.negative == found.positive)
        #expect(found.min == -.greatestFiniteMagnitude && found.max == .greatestFiniteMagnitude && found.sum == 0)
    }

    @Test func nonFiniteValuesAreHarmless() {
        var histogram = ExponentialHistogram(maxSize: 2, maxScale: 20)
        for value in [1, Double.infinity, -.infinity, .nan, -.nan, .greatestFiniteMagnitude, .leastNonzeroMagnitude] {
            histogram.record(value)
        }
        let count = histogram.distribution(recordsSum: true, recordsMinMax: true).count
        #expect(count == 7)
    }

    // MARK: Merge and reset

    @Test func mergeEqualsRecordingIntoOneHistogram() {
        var generator = SplitMix64(seed: 8)
        for round in 0..<300 {
            let maxSize = [2, 4, 20, 160][round % 4]
            let (first, second) = (Self.values(&generator), Self.values(&generator))
            var histogram = ExponentialHistogram(maxSize: maxSize, maxScale: 20)
            var other = ExponentialHistogram(maxSize: maxSize, maxScale: 20)
            for value in first { histogram.record(value) }
            for value in second { other.record(value) }
            let before = other.distribution(recordsSum: true, recordsMinMax: true)
            histogram.merge(other)
            var found = histogram.distribution(recordsSum: true, recordsMinMax: true)
            var expected = Self.expected(of: first + second, maxSize: maxSize, maxScale: 20)
            // The sums were added up in another order.
            found.sum = nil
            expected.sum = nil
            #expect(found == expected)
            let after = other.distribution(recordsSum: true, recordsMinMax: true)
            #expect(after == before, "The merged histogram does not change.")
        }
    }

    @Test func mergingEmptyHistogramChangesNothing() {
        var histogram = ExponentialHistogram(maxSize: 160, maxScale: 20)
        histogram.record(2)
        var empty = ExponentialHistogram(maxSize: 160, maxScale: 20)
        histogram.merge(empty)
        let expected = Self.distribution(of: [2])
        var found = histogram.distribution(recordsSum: true, recordsMinMax: true)
        #expect(found == expected)
        empty.merge(histogram)
        found = empty.distribution(recordsSum: true, recordsMinMax: true)
        #expect(found == expected)
    }

    @Test func resetRestoresMaxScaleAndKeepsMemory() {
        var histogram = ExponentialHistogram(maxSize: 160, maxScale: 20)
        var isEmpty = [histogram.isEmpty]
        for value in [1, 1e9, -4, 0] { histogram.record(value) }
        isEmpty.append(histogram.isEmpty)
        let (scale, size) = (histogram.scale, histogram.sizeInBytes)
        histogram.reset()
        isEmpty.append(histogram.isEmpty)
        #expect(isEmpty == [true, false, true])
        #expect(scale < 20)
        let newSize = histogram.sizeInBytes
        #expect(newSize == size)
        var found = histogram.distribution(recordsSum: true, recordsMinMax: true)
        #expect(found == Self.withSum(0))
        for value in [3.0, 3.00001, 0] { histogram.record(value) }
        found = histogram.distribution(recordsSum: true, recordsMinMax: true)
        #expect(found == Self.distribution(of: [3, 3.00001, 0]))
    }

    private static func withSum(_ sum: Double) -> Distribution {
        var distribution = Distribution()
        distribution.sum = sum
        return distribution
    }

    @Test func histogramIsReusableAfterReset() {
        var generator = SplitMix64(seed: 9)
        var histogram = ExponentialHistogram(maxSize: 20, maxScale: 20)
        for _ in 0..<200 {
            let values = Self.values(&generator)
            for value in values { histogram.record(value) }
            let found = histogram.distribution(recordsSum: true, recordsMinMax: true)
            #expect(values.isEmpty || found == Self.expected(of: values, maxSize: 20, maxScale: 20))
            histogram.reset()
        }
    }

    // MARK: Output

    @Test func countIsSumOfAllBuckets() {
        var generator = SplitMix64(seed: 10)
        for _ in 0..<100 {
            let values = Self.values(&generator)
            let found = Self.distribution(of: values)
            #expect(found.count == UInt64(values.count))
            #expect(found.count == found.zeroCount + found.positive.counts.reduce(0, +) + found.negative.counts.reduce(0, +))
        }
    }

    @Test func sumAndMinMaxAreOptional() {
        var histogram = ExponentialHistogram(maxSize: 160, maxScale: 20)
        histogram.record(2)
        let found = histogram.distribution(recordsSum: false, recordsMinMax: false)
        #expect(found.sum == nil && found.min == nil && found.max == nil && found.count == 1)
    }

    @Test func memoryGrowsWithRangeOfValues() {
        var histogram = ExponentialHistogram(maxSize: 160, maxScale: 0)
        var sizes = [histogram.sizeInBytes]
        for value in [0, 1, 0x1p20, 0x1p159, 0x1p1000] {
            histogram.record(value)
            sizes.append(histogram.sizeInBytes)
        }
        #expect(sizes == [0, 0, 64, 256, 1280, 1280])
        let scale = histogram.scale
        #expect(scale == -3)
    }
}
