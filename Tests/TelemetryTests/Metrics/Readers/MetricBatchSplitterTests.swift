// Splitting of batches at `maxExportBatchSize`.

import Testing

@testable import Telemetry

struct MetricBatchSplitterTests {
    private static let time = Timestamp(nanosecondsSinceEpoch: 7)

    /// The points of a batch in their order, with the names around them.
    private static func names(_ batch: MetricBatch) -> [String] {
        batch.scopes.flatMap { scope in
            scope.metrics.flatMap { metric -> [String] in
                var attributes: [Attributes] = metric.points.numbers.map(\.attributes)
                attributes += metric.points.histograms.map(\.attributes)
                attributes += metric.points.exponentialHistograms.map(\.attributes)
                return attributes.map { "\(scope.instrumentationScope.name).\(metric.name).\($0["index"]?.intValue ?? -1)" }
            }
        }
    }

    private static func numbers(_ count: Int) -> [NumberPoint] {
        (0..<count).map { NumberPoint(attributes: ["index": AttributeValue($0)], startTime: time, time: time, value: .int(Int64($0))) }
    }

    private static func scope(_ name: String, _ metrics: MetricData...) -> ScopeMetrics {
        ScopeMetrics(instrumentationScope: InstrumentationScope(name: name), metrics: metrics)
    }

    private static func batch(_ scopes: ScopeMetrics...) -> MetricBatch {
        MetricBatch(resource: .service("pieces"), scopes: scopes)
    }

    @Test func allBatchesButLastAreFullAndMetricMayBeSplit() {
        let batch = Self.batch(
            Self.scope("a", MetricData(name: "m", points: .gauge(Self.numbers(5))), MetricData(name: "n", points: .gauge(Self.numbers(1)))),
            Self.scope("b", MetricData(name: "o", points: .gauge(Self.numbers(4)))))
        let batches = Array(MetricBatchSplitter(batch, atMost: 4))
        #expect(batches.map(\.pointCount) == [4, 4, 2])
        #expect(Self.names(batches[1]) == ["a.m.4", "a.n.0", "b.o.0", "b.o.1"])
        #expect(batches[1].scopes.map(\.instrumentationScope.name) == ["a", "b"])
        #expect(batches.flatMap(Self.names) == Self.names(batch))
    }

    @Test func exactMultipleOfLimitMakesNoFurtherBatch() {
        let batch = Self.batch(Self.scope("a", MetricData(name: "m", points: .gauge(Self.numbers(6)))))
        #expect(MetricBatchSplitter(batch, atMost: 3).map(\.pointCount) == [3, 3])
        #expect(MetricBatchSplitter(batch, atMost: 6).map(\.pointCount) == [6])
        #expect(MetricBatchSplitter(batch, atMost: 1).map(\.pointCount) == [1, 1, 1, 1, 1, 1])
    }

    @Test func noLimitMakesOneBatch() {
        let batch = Self.batch(Self.scope("a", MetricData(name: "m", points: .gauge(Self.numbers(3)))))
        let batches = Array(MetricBatchSplitter(batch, atMost: nil))
        #expect(batches.map(\.pointCount) == [3])
        #expect(batches[0].resource == batch.resource)
    }

    @Test func batchWithoutPointsMakesNoBatches() {
        #expect(Array(MetricBatchSplitter(Self.batch(), atMost: nil)).isEmpty)
        let hollow = Self.batch(Self.scope("a", MetricData(name: "m", points: .gauge([]))), Self.scope("b"))
        #expect(Array(MetricBatchSplitter(hollow, atMost: 2)).isEmpty)
        let partly = Self.batch(
            Self.scope("a", MetricData(name: "m", points: .gauge([]))),
            Self.scope("b", MetricData(name: "n", points: .gauge(Self.numbers(2)))))
        #expect(MetricBatchSplitter(partly, atMost: 2).map { $0.scopes.map(\.instrumentationScope.name) } == [["b"]])
    }

    @Test func splitMetricKeepsDescriptorTemporalityAndMonotonicity() throws {
        let histograms = (0..<3).map {
            HistogramPoint(
                attributes: ["index": AttributeValue($0)], startTime: Self.time, time: Self.time, sum: 1, boundaries: [1],
                bucketCounts: [1, 0])
        }
        let exponential = (0..<3).map {
            ExponentialHistogramPoint(
                attributes: ["index": AttributeValue($0)], startTime: Self.time, time: Self.time, distribution: .init())
        }
        let summaries = (0..<3).map { _ in
            SummaryPoint(startTime: Self.time, time: Self.time, count: 1, sum: 1, quantiles: [])
        }
        let batch = Self.batch(
            Self.scope(
                "a",
                MetricData(
                    name: "s", unit: "By", description: "d", metadata: ["k": "v"],
                    points: .sum(Self.numbers(3), temporality: .delta, isMonotonic: true)),
                MetricData(name: "h", points: .histogram(histograms, temporality: .delta)),
                MetricData(name: "e", points: .exponentialHistogram(exponential, temporality: .cumulative)),
                MetricData(name: "q", points: .summary(summaries))))
        let batches = Array(MetricBatchSplitter(batch, atMost: 2))
        #expect(batches.map(\.pointCount) == [2, 2, 2, 2, 2, 2])
        for part in batches.prefix(2) {
            let sum = try #require(part.metrics.first)
            #expect(sum.unit == "By" && sum.description == "d" && sum.metadata == ["k": "v"])
            // The descriptor is the same object, so its encoding is kept.
            #expect(sum.descriptor === batch.metrics[0].descriptor)
            guard case .sum(_, .delta, true) = sum.points else {
                Issue.record("Temporality or monotonicity was lost.")
                continue
            }
        }
        guard case .histogram(_, .delta) = batches[1].metrics[1].points,
            case .exponentialHistogram(_, .cumulative) = batches[3].metrics[0].points,
            case .summary(let last) = batches[5].metrics[0].points
        else {
            Issue.record("The data type has changed.")
            return
        }
        #expect(last.count == 2)
    }

    @Test func randomBatchesAreSplitIntoFullBatchesWithoutLoss() {
        var random = SplitMix64(seed: 42)
        for _ in 0..<200 {
            let scopes = (0..<Int.random(in: 0...4, using: &random)).map { scope in
                ScopeMetrics(
                    instrumentationScope: InstrumentationScope(name: "\(scope)"),
                    metrics: (0..<Int.random(in: 0...4, using: &random)).map { metric in
                        MetricData(name: "\(metric)", points: .gauge(Self.numbers(Int.random(in: 0...7, using: &random))))
                    })
            }
            let batch = MetricBatch(resource: .empty, scopes: scopes)
            let limit = Int.random(in: 1...9, using: &random)
            let batches = Array(MetricBatchSplitter(batch, atMost: limit))
            #expect(batches.flatMap(Self.names) == Self.names(batch))
            #expect(batches.dropLast().allSatisfy { $0.pointCount == limit })
            #expect(batches.last.map { (1...limit).contains($0.pointCount) } ?? (batch.pointCount == 0))
            #expect(batches.allSatisfy { $0.scopes.allSatisfy { $0.metrics.allSatisfy { $0.points.count > 0 } && !$0.metrics.isEmpty } })
        }
    }
}
