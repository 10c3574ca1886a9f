// Bars of histograms.

import Testing

@testable import Telemetry

struct BucketBarsTests {
    private typealias Samples = MetricTableSamples

    private func bars(_ lower: String, _ blocks: String, _ upper: String, _ bars: BucketBars?) -> Bool {
        bars?.lower == lower && bars?.blocks == blocks && bars?.upper == upper
    }

    @Test func emptyOuterBucketsAreOmitted() {
        let point = Samples.histogram(sum: nil, boundaries: [1, 2, 5, 10, 20], [0, 0, 4, 0, 8, 0])
        #expect(bars("2", "▄·█", "20", BucketBars(point)))
    }

    @Test func outerBucketsEndAtMinimumAndMaximum() {
        let known = Samples.histogram(sum: 1, min: -3, max: 70, boundaries: [1, 2], [1, 0, 8])
        #expect(bars("-3", "▁·█", "70", BucketBars(known)))
        let unknown = Samples.histogram(sum: 1, boundaries: [1, 2], [1, 0, 8])
        #expect(bars("-∞", "▁·█", "∞", BucketBars(unknown)))
        #expect(bars("-∞", "█", "∞", BucketBars(Samples.histogram(sum: 1, boundaries: [], [3]))))
    }

    @Test func histogramWithoutValuesHasNoBars() {
        #expect(BucketBars(Samples.histogram(sum: 0, boundaries: [1], [0, 0])) == nil)
        #expect(BucketBars(Samples.exponential(scale: 3)) == nil)
    }

    @Test func boundsOfExponentialBucketsFollowFromTheScale() {
        #expect(bars("16", "▂█▄", "128", BucketBars(Samples.exponential(scale: 0, positive: .init(offset: 4, counts: [1, 5, 2])))))
        #expect(bars("1", "█", "16", BucketBars(Samples.exponential(scale: -2, positive: .init(offset: 0, counts: [1])))))
        // The base is the square root of two, and 2^-0.5 is 0.70711.
        #expect(bars("0.70711", "██", "1.4142", BucketBars(Samples.exponential(scale: 1, positive: .init(offset: -1, counts: [3, 3])))))
    }

    @Test func negativeZeroAndPositiveBucketsAreOrdered() {
        let point = Samples.exponential(
            scale: 0, zeroCount: 4, positive: .init(offset: 0, counts: [8]), negative: .init(offset: 1, counts: [1, 2]))
        #expect(bars("-8", "▂▁▄█", "2", BucketBars(point)))
        #expect(bars("-8", "█", "-4", BucketBars(Samples.exponential(scale: 0, negative: .init(offset: 2, counts: [1])))))
        let zero = Samples.exponential(scale: 0, zeroCount: 4)
        #expect(bars("0", "█", "0", BucketBars(zero)))
    }

    @Test func manyBucketsAreMerged() {
        let point = Samples.exponential(scale: 5, positive: .init(offset: 0, counts: Array(repeating: 1, count: 160)))
        #expect(BucketBars(point)?.blocks.count == 23)
    }

    @Test func randomHistogramsAreDrawn() {
        var random = SplitMix64(seed: 82)
        for _ in 0..<500 {
            for metric in MetricBatch.random(using: &random).metrics {
                for point in metric.points.histograms { #expect((BucketBars(point)?.blocks.count ?? 0) <= 24) }
                for point in metric.points.exponentialHistograms { #expect((BucketBars(point)?.blocks.count ?? 0) <= 24) }
            }
        }
        let hostile = Samples.exponential(
            scale: .min, positive: .init(offset: .max, counts: [1, 1]), negative: .init(offset: .min, counts: [1, 1]))
        #expect(BucketBars(hostile) != nil)
        #expect(BucketBars(Samples.exponential(scale: .max, positive: .init(offset: .max, counts: [1]))) != nil)
    }
}
