// Exponential histograms in queries.

import Telemetry
import Testing

@testable import TelemetryConsole

struct NativeHistogramTests {
    private let start = MetricRequest.start

    @Test func quantileIsInterpolatedInTheLogarithm() throws {
        let rig = ConsoleMetricRig()
        // Ten values in (1, 2], ten in (2, 4].
        try rig.receive { $0.exponential("e", scale: 0, zeroCount: 0, offset: 0, counts: [10, 10], sum: 45, .init(time: start)) }
        #expect(try rig.value("histogram_quantile(0.5, e)", at: 0) == 2)
        #expect(abs(try #require(try rig.value("histogram_quantile(0.25, e)", at: 0)) - 1.414_213_562_373_095) < 1e-12)
        #expect(abs(try #require(try rig.value("histogram_quantile(0.75, e)", at: 0)) - 2.828_427_124_746_19) < 1e-12)
        #expect(try rig.value("histogram_quantile(1, e)", at: 0) == 4)
        #expect(try rig.value("histogram_quantile(-1, e)", at: 0) == -.infinity)
        #expect(try rig.value("histogram_count(e)", at: 0) == 20)
        #expect(try rig.value("histogram_sum(e)", at: 0) == 45)
        #expect(try rig.value("histogram_avg(e)", at: 0) == 2.25)
        #expect(try rig.value("histogram_fraction(1, 2, e)", at: 0) == 0.5)
    }

    @Test func zeroBucketIsInterpolatedLinearly() throws {
        let rig = ConsoleMetricRig()
        try rig.receive { $0.exponential("e", scale: 0, zeroCount: 4, offset: 0, counts: [4], sum: 5, .init(time: start)) }
        #expect(try rig.value("histogram_quantile(0.25, e)", at: 0) == 0)
    }

    @Test func rateHasTheBucketsOfTheIncrease() throws {
        let rig = ConsoleMetricRig()
        for index in 0..<5 {
            let point = MetricRequest.Point(time: start + UInt64(index) * 15)
            try rig.receive {
                $0.exponential("e", scale: 1, zeroCount: 0, offset: 2, counts: [UInt64(index) * 3, 1], sum: Double(index) * 3, point)
            }
        }
        let change = try #require(try rig.value("histogram_count(increase(e[1m]))", at: 60))
        #expect(abs(change - 12) < 1e-9)
        #expect(abs(try #require(try rig.value("histogram_count(rate(e[1m]))", at: 60)) - 0.2) < 1e-9)
        #expect(try rig.value("resets(e[2m])", at: 60) == 0)
    }

    @Test func fallingCountIsAReset() throws {
        let rig = ConsoleMetricRig()
        for (index, count) in [10, 20, 5].enumerated() {
            let point = MetricRequest.Point(time: start + UInt64(index) * 15)
            try rig.receive { $0.exponential("e", scale: 0, zeroCount: 0, offset: 0, counts: [UInt64(count)], sum: 1, point) }
        }
        #expect(try rig.value("resets(e[1m])", at: 30) == 1)
        // Ten more, then five after the reset, in the half of the range that has points.
        #expect(abs(try #require(try rig.value("histogram_count(increase(e[31]))", at: 30)) - 15) < 0.6)
    }

    @Test func sumsOfScalesAreMadeCoarser() throws {
        let rig = ConsoleMetricRig()
        try rig.receive {
            $0.exponential("e", scale: 1, zeroCount: 0, offset: 0, counts: [1, 2, 3, 4], sum: 1, .init(time: start, labels: [("a", "1")]))
        }
        try rig.receive {
            $0.exponential("e", scale: 0, zeroCount: 0, offset: 0, counts: [10, 20], sum: 1, .init(time: start, labels: [("a", "2")]))
        }
        let result = try PromQLEngine(store: rig.store).query("sum(e)", at: Int64(start) * 1_000)
        let sum = try #require(result.series.first?.histogram(0))
        #expect(sum.scale == 0)
        #expect(sum.positive.counts == [13, 27])
        #expect(sum.count == 40)
    }

    @Test func boundsAreExactAtPowersOfTwo() {
        #expect(ExponentialBound.value(0, scale: 3) == 1)
        #expect(ExponentialBound.value(8, scale: 3) == 2)
        #expect(ExponentialBound.value(-8, scale: 3) == 0.5)
        #expect(ExponentialBound.value(1, scale: -2) == 16)
        #expect(ExponentialBound.value(4_000, scale: 0) == .infinity)
        #expect(ExponentialBound.value(-4_000, scale: 0) == 0)
    }

    @Test func bucketsFarApartStayWithinTheirBound() {
        var low = FloatHistogram(scale: 8)
        low.positive = .init(offset: -200_000, counts: [1])
        low.count = 1
        var high = FloatHistogram(scale: 8)
        high.positive = .init(offset: 200_000, counts: [1])
        high.count = 1
        let sum = low.adding(high)
        #expect(sum.count == 2)
        #expect(sum.positive.counts.count <= 4_096)
        #expect(sum.positive.counts.reduce(0, +) == 2)
    }
}
