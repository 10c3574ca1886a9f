// Sample metrics for the tests of the console.

@testable import Telemetry

enum MetricTableSamples {
    private static let time = Timestamp(nanosecondsSinceEpoch: 1_795_258_325_500_000_000)

    static func number(_ attributes: Attributes = [:], _ value: MetricNumber) -> NumberPoint {
        NumberPoint(attributes: attributes, startTime: time, time: time, value: value)
    }

    static func histogram(
        _ attributes: Attributes = [:], sum: Double?, min: Double? = nil, max: Double? = nil, boundaries: [Double], _ counts: [UInt64]
    ) -> HistogramPoint {
        HistogramPoint(
            attributes: attributes, startTime: time, time: time, sum: sum, min: min, max: max, boundaries: boundaries, bucketCounts: counts)
    }

    static func exponential(
        _ attributes: Attributes = [:], scale: Int, zeroCount: UInt64 = 0, positive: ExponentialHistogramPoint.Buckets = .init(),
        negative: ExponentialHistogramPoint.Buckets = .init(), sum: Double? = nil, min: Double? = nil, max: Double? = nil
    ) -> ExponentialHistogramPoint {
        var distribution = ExponentialHistogramPoint.Distribution()
        distribution.count = (positive.counts + negative.counts).reduce(zeroCount, +)
        (distribution.sum, distribution.min, distribution.max, distribution.scale) = (sum, min, max, scale)
        (distribution.zeroCount, distribution.positive, distribution.negative) = (zeroCount, positive, negative)
        return ExponentialHistogramPoint(attributes: attributes, startTime: time, time: time, distribution: distribution)
    }

    static func batch(_ metrics: [MetricData], scope: InstrumentationScope = InstrumentationScope(name: "scope")) -> MetricBatch {
        MetricBatch(resource: .empty, scopes: [ScopeMetrics(instrumentationScope: scope, metrics: metrics)])
    }

    /// The metrics of a small service.
    static let service = MetricBatch(
        resource: Resource(attributes: ["service.name": "album-store"]),
        scopes: [
            ScopeMetrics(
                instrumentationScope: InstrumentationScope(name: "album-store", version: "1.4.2"),
                metrics: [
                    MetricData(
                        name: "albums.created", unit: "{album}",
                        points: .sum(
                            [
                                number(["genre": "jazz"], 1234), number(["genre": "rock", "new": true], 7),
                                number(["genre": "西洋音楽"], 56),
                            ], temporality: .cumulative, isMonotonic: true)),
                    MetricData(name: "queue.depth", points: .gauge([number([:], 42)])),
                    MetricData(
                        name: "cpu.time", unit: "s",
                        points: .sum(
                            [number(["cpu.mode": "user"], 12.503_21), number(["cpu.mode": "system"], 0.000_012_5)],
                            temporality: .delta, isMonotonic: true)),
                ]),
            ScopeMetrics(
                instrumentationScope: InstrumentationScope(name: "http"),
                metrics: [
                    MetricData(
                        name: "http.server.request.duration", unit: "s",
                        points: .histogram(
                            [
                                histogram(
                                    ["http.request.method": "GET", "http.route": "/albums"], sum: 18.75, min: 0.0012, max: 3.2,
                                    boundaries: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
                                    [10, 40, 160, 320, 80, 12, 0, 3, 0, 1, 0]),
                                histogram(
                                    ["http.request.method": "POST", "http.route": "/albums"], sum: 0.5, min: 0.03, max: 0.12,
                                    boundaries: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5], [0, 0, 0, 3, 4, 1, 0, 0, 0, 0, 0]),
                                histogram(["http.request.method": "PUT"], sum: 0, boundaries: [1], [0, 0]),
                            ], temporality: .cumulative)),
                    MetricData(
                        name: "message.size", unit: "By",
                        points: .exponentialHistogram(
                            [
                                exponential(
                                    ["queue": "in"], scale: 2, zeroCount: 3,
                                    positive: .init(offset: 20, counts: (0..<60).map { UInt64($0 * (59 - $0)) }), sum: 150_000_000,
                                    min: 0, max: 1_048_000),
                                exponential(["queue": "out"], scale: 0, positive: .init(offset: 4, counts: [1, 5, 2])),
                            ], temporality: .delta)),
                    MetricData(
                        name: "gc.pause", unit: "s",
                        points: .summary([
                            SummaryPoint(
                                startTime: time, time: time, count: 120, sum: 3.6,
                                quantiles: [.init(0.5, value: 0.02), .init(0.99, value: 0.31)])
                        ])),
                ]),
        ])
}
