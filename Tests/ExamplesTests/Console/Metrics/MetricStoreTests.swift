// What the store keeps of OTLP metrics.

import ExampleSupport
import Telemetry
import Testing

@testable import TelemetryConsole

struct MetricStoreTests {
    private let start = MetricRequest.start

    private func labels(_ rig: ConsoleMetricRig, _ name: String) -> [LabelSet] {
        let matcher = LabelMatcher(name: LabelSet.nameLabel, test: .equal(name))
        return rig.store.labelSets(of: [[matcher]], from: .min, to: .max)
    }

    @Test func seriesHasPrometheusNameAndLabelsOfTheResource() throws {
        let rig = ConsoleMetricRig()
        var request = MetricRequest(attributes: [("service.namespace", "eu"), ("service.instance.id", "one"), ("host.name", "h1")])
        request.sum("http.requests", unit: "By", 7, .init(time: start, labels: [("http.route", "/albums")]))
        #expect(rig.store.receive(try request.received).accepted == 1)
        let found = try #require(labels(rig, "http_requests_bytes_total").first)
        #expect(found["http_route"] == "/albums")
        #expect(found["job"] == "eu/shop")
        #expect(found["instance"] == "one")
        #expect(found["service_name"] == "shop")
        let target = try #require(labels(rig, "target_info").first)
        #expect(target["host_name"] == "h1")
        #expect(target["job"] == "eu/shop")
    }

    @Test func attributesOfOneLabelAreJoined() throws {
        let rig = ConsoleMetricRig()
        try rig.receive { $0.gauge("g", 1, .init(time: start, labels: [("a.b", "1"), ("a_b", "2")])) }
        #expect(labels(rig, "g").first?["a_b"] == "1;2")
    }

    @Test func explicitHistogramBecomesCumulativeBuckets() throws {
        let rig = ConsoleMetricRig()
        try rig.receive { $0.histogram("d", unit: "s", bounds: [0.5, 10], counts: [1, 2, 3], sum: 40, .init(time: start)) }
        let buckets = try rig.query("d_seconds_bucket", at: 0).map { $0.value }.sorted()
        #expect(buckets == [1, 3, 6])
        #expect(labels(rig, "d_seconds_bucket").map { $0["le"] }.sorted() == ["+Inf", "0.5", "10"])
        #expect(try rig.value("d_seconds_sum", at: 0) == 40)
        #expect(try rig.value("d_seconds_count", at: 0) == 6)
        // One point came, whatever number of series it fills.
        #expect(rig.store.statistics.received == 1)
        #expect(rig.store.statistics.kept == 1)
    }

    @Test func deltaSumsAreAddedUp() throws {
        let rig = ConsoleMetricRig()
        for index in 0..<4 {
            try rig.receive {
                $0.sum("c", 5, .init(time: start + 10 + UInt64(index) * 10, start: start + UInt64(index) * 10), temporality: 1)
            }
        }
        #expect(try rig.value("c_total", at: 40) == 20)
        // The first change counts from zero at its start.
        #expect(try rig.value("c_total", at: 0) == 0)
        #expect(try rig.value("increase(c_total[41])", at: 40) == 20)
    }

    @Test func deltaHistogramsAreAddedUp() throws {
        let rig = ConsoleMetricRig()
        for index in 0..<3 {
            let point = MetricRequest.Point(time: start + 10 + UInt64(index) * 10, start: start + UInt64(index) * 10)
            try rig.receive { $0.histogram("d", bounds: [1], counts: [2, 1], sum: 3, point, temporality: 1) }
            try rig.receive { $0.exponential("e", scale: 0, zeroCount: 0, offset: 0, counts: [2, 1], sum: 3, point, temporality: 1) }
        }
        #expect(try rig.value("d_count", at: 30) == 9)
        #expect(try rig.value("d_bucket{le=\"1\"}", at: 30) == 6)
        #expect(try rig.value("histogram_count(e)", at: 30) == 9)
    }

    @Test func laterStartIsAResetEvenWithAGreaterValue() throws {
        let rig = ConsoleMetricRig()
        try rig.receive { $0.sum("c", 5, .init(time: start + 10, start: start)) }
        try rig.receive { $0.sum("c", 9, .init(time: start + 40, start: start + 30)) }
        #expect(try rig.value("c_total", at: 30) == 0)
        #expect(try rig.value("resets(c_total[60])", at: 40) == 1)
    }

    @Test func integersAbove53BitsAreExact() throws {
        let rig = ConsoleMetricRig()
        try rig.receive { $0.integerGauge("g", 9_007_199_254_740_993, .init(time: start)) }
        let result = try PromQLEngine(store: rig.store).query("g", at: Int64(start) * 1_000)
        #expect(result.integers == [9_007_199_254_740_993])
        try rig.receive { $0.gauge("g", 0.5, .init(time: start + 1)) }
        #expect(try rig.value("g", at: 1) == 0.5)
        #expect(try rig.value("g", at: 0) == 9_007_199_254_740_992)
    }

    @Test func pointWithoutValueEndsTheSeries() throws {
        let rig = ConsoleMetricRig()
        try rig.receive { $0.gauge("g", 1, .init(time: start)) }
        try rig.receive { $0.gauge("g", 0, .init(time: start + 10, isStale: true)) }
        #expect(try rig.value("g", at: 9) == 1)
        #expect(try rig.query("g", at: 10).isEmpty)
        #expect(try rig.value("count_over_time(g[60])", at: 10) == 1)
    }

    @Test func pointsThatCannotBeKeptAreCountedByReason() throws {
        let rig = ConsoleMetricRig()
        try rig.receive { $0.gauge("g", 1, .init(time: start)) }
        try rig.receive { $0.gauge("g", 1, .init(time: start)) }
        #expect(try rig.receive { $0.gauge("g", 2, .init(time: start)) }.reason == "another value at the same time")
        #expect(try rig.receive { $0.gauge("g", 2, .init(time: start - 1)) }.reason == "out of order")
        #expect(try rig.receive { $0.gauge("g", 2, .init(time: start + 601)) }.reason == "too far in the future")
        #expect(try rig.receive { $0.gauge("g", 2, .init(time: 0)) }.reason == "without a time")
        #expect(try rig.receive { $0.sum("s", 2, .init(time: start), temporality: 0) }.reason == "without a temporality")
        #expect(try rig.receive { $0.histogram("h", bounds: [2, 1], counts: [1, 1, 1], sum: 1, .init(time: start)) }.rejected == 1)
        let statistics = rig.store.statistics
        #expect(statistics.received == 1)
        #expect(statistics.rejected["received before"] == 1)
        #expect(statistics.rejected.values.reduce(0, +) == 7)
    }

    @Test func oldestPointsMakeRoomAndAreCounted() throws {
        var limits = MetricStoreLimits()
        limits.bytes = 100_000
        let rig = ConsoleMetricRig(limits: limits)
        for index in 0..<2_000 {
            rig.clock.advance(by: .seconds(1))
            try rig.receive { request in
                for place in 0..<10 {
                    request.gauge("g", Double(index), .init(time: start + UInt64(index), labels: [("place", "\(place)")]))
                }
            }
            #expect(rig.store.statistics.keptBytes <= limits.bytes)
        }
        let statistics = rig.store.statistics
        #expect(statistics.received == 20_000)
        #expect(statistics.evicted > 10_000)
        #expect(statistics.kept + statistics.evicted == statistics.received)
        #expect(statistics.kept > 3_000)
        // What is left is the end of every series.
        #expect(try rig.query("g", at: 1_999).count == 10)
        let oldest = try #require(statistics.oldest).nanosecondsSinceEpoch / 1_000_000_000
        #expect(try rig.query("g", at: Double(oldest - start) - 1).isEmpty)
    }

    @Test func seriesBeyondTheLimitAreRefused() throws {
        var limits = MetricStoreLimits()
        limits.series = 5
        let rig = ConsoleMetricRig(limits: limits)
        let result = try rig.receive { request in
            for place in 0..<8 { request.gauge("g", 1, .init(time: start, labels: [("place", "\(place)")])) }
        }
        #expect(result.accepted == 5)
        #expect(result.reason == "too many series")
        #expect(rig.store.statistics.rejected == ["too many series": 3])
    }

    @Test func hostileRequestsNeverTrap() throws {
        var random = SplitMix64(seed: 15)
        let rig = ConsoleMetricRig()
        var request = MetricRequest()
        request.sum(
            "c", 5, .init(time: start, labels: [("a", "b")]), exemplar: MetricRequest.exemplar(5, value: 1, time: start, trace: 1, span: 2))
        request.histogram("h", bounds: [1, 2], counts: [1, 2, 3], sum: 5, .init(time: start))
        request.exponential("e", scale: 3, zeroCount: 1, offset: -4, counts: [1, 2, 3], sum: 5, .init(time: start))
        request.summary("s", quantiles: [(0.5, 1)], count: 2, sum: 3, .init(time: start))
        for _ in 0..<3_000 {
            var body = request.body
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                body[Int.random(in: 0..<body.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            guard let received = try? OTLPReceivedRequest(body, .metrics, .protobuf, limits: .metrics, maximumBytes: 1 << 20) else {
                continue
            }
            rig.store.receive(received)
        }
        _ = try? rig.query("rate({__name__=~\".+\"}[5m])", at: 10)
        _ = try? rig.query("sum(histogram_quantile(0.9, {__name__=~\".+\"}))", at: 10)
        let statistics = rig.store.statistics
        #expect(statistics.kept + statistics.evicted == statistics.received)
    }
}
