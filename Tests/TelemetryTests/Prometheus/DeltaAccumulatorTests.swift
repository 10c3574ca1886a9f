// Delta to cumulative conversion for metric producers.

import Testing

@testable import Telemetry

struct DeltaAccumulatorTests {
    private func time(_ seconds: UInt64) -> Timestamp { Timestamp(nanosecondsSinceEpoch: seconds * 1_000_000_000) }

    private func sum(_ value: MetricNumber, from start: UInt64, to end: UInt64, _ attributes: Attributes = [:]) -> MetricData {
        let point = NumberPoint(attributes: attributes, startTime: time(start), time: time(end), value: value)
        return MetricData(name: "c", points: .sum([point], temporality: .delta, isMonotonic: true))
    }

    private func histogram(_ counts: [UInt64], boundaries: [Double] = [1], from start: UInt64, to end: UInt64) -> MetricData {
        let point = HistogramPoint(startTime: time(start), time: time(end), sum: 2, boundaries: boundaries, bucketCounts: counts)
        return MetricData(name: "h", points: .histogram([point], temporality: .delta))
    }

    private func page(_ metrics: [MetricData], _ accumulator: inout DeltaAccumulator) -> String {
        PrometheusSamples.page(accumulator.accumulate(PrometheusSamples.batch(metrics)), .openMetrics)
    }

    @Test func deltaMonotonicSumsBecomeCumulative() {
        var accumulator = DeltaAccumulator()
        #expect(page([sum(2, from: 1, to: 2)], &accumulator).contains("c_total 2\nc_created 1.000\n"))
        #expect(page([sum(3, from: 2, to: 3, ["k": "v"]), sum(3, from: 2, to: 3)], &accumulator).contains("c_total 5\nc_created 1.000\n"))
        #expect(page([], &accumulator).contains("c_total{k=\"v\"} 3\n"), "A series without a new point is kept.")
        #expect(page([sum(.double(0.5), from: 3, to: 4)], &accumulator).contains("c_total 5.5\nc_created 1.000\n"))
        #expect(page([sum(7, from: 9, to: 10)], &accumulator).contains("c_total 7\nc_created 9.000\n"), "After a gap it begins anew.")
    }

    @Test func integerOverflowContinuesAsDouble() {
        var accumulator = DeltaAccumulator()
        _ = page([sum(.int(.max), from: 1, to: 2)], &accumulator)
        for step in 2...3 as ClosedRange<UInt64> {
            let text = page([sum(.int(.max), from: step, to: step + 1)], &accumulator)
            #expect(text.contains(step == 2 ? "c_total 1.8446744073709552e+19\n" : "c_total 2.7670116110564327e+19\n"), "\(text)")
        }
    }

    @Test func deltaHistogramsBecomeCumulative() {
        var accumulator = DeltaAccumulator()
        _ = page([histogram([1, 2], from: 1, to: 2)], &accumulator)
        let second = page([histogram([10, 20], from: 2, to: 3)], &accumulator)
        #expect(second.contains("h_bucket{le=\"1.0\"} 11\nh_bucket{le=\"+Inf\"} 33\nh_sum 4.0\nh_count 33\nh_created 1.000\n"))
        let third = page([histogram([1, 1], boundaries: [2], from: 3, to: 4)], &accumulator)
        #expect(third.contains("h_bucket{le=\"2.0\"} 1\nh_bucket{le=\"+Inf\"} 2\n"), "Other buckets begin anew.")
    }

    @Test func deltasWithoutCumulativeFormAreDropped() {
        var accumulator = DeltaAccumulator()
        let point = NumberPoint(startTime: time(1), time: time(2), value: 1)
        let upDown = MetricData(name: "u", points: .sum([point], temporality: .delta, isMonotonic: false))
        let exponential = MetricData(name: "e", points: .exponentialHistogram([], temporality: .delta))
        #expect(page([upDown, exponential], &accumulator) == "# EOF\n")
    }

    @Test func seriesBeyondTheLimitAreDroppedAndReported() {
        var accumulator = DeltaAccumulator(maximumSeries: 2)
        let metrics = (0..<4).map { sum(1, from: 1, to: 2, ["k": .int(Int64($0))]) }
        let text = page(metrics, &accumulator)
        #expect(text.contains("k=\"1\"") && !text.contains("k=\"2\""))
    }

    @Test func cumulativePointsAreUnchanged() {
        var accumulator = DeltaAccumulator()
        let batch = PrometheusSamples.batch([PrometheusSamples.counter("c")])
        let result = accumulator.accumulate(batch)
        #expect(result.scopes[0].metrics[0].descriptor === batch.scopes[0].metrics[0].descriptor)
    }
}
