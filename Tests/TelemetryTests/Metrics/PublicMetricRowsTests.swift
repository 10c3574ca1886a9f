// Rows of the specification's matrix on metrics by public API alone: this file sees nothing else of the module.

import Telemetry
import Testing

struct PublicMetricRowsTests {
    private let reader = PullMetricReader()

    private func started(views: [MetricView] = [], matching: ViewMatchingMode = .independent) throws -> TelemetrySystem {
        try TelemetrySystem.start(
            resource: .service("shop"), detectors: [], spans: [], metrics: [reader], views: views,
            metricOptions: MetricOptions(viewMatching: matching), logs: [], environment: [:])
    }

    private func collected() throws -> [MetricData] { try reader.collect().metrics }

    private func kind(_ metric: MetricData) -> String {
        switch metric.points {
        case .gauge: "gauge"
        case .sum(_, let temporality, let isMonotonic): "\(temporality) sum, \(isMonotonic ? "rising" : "up and down")"
        case .histogram(let points, _): "histogram of \(points[0].boundaries)"
        case .exponentialHistogram: "exponential histogram"
        case .summary: "summary"
        }
    }

    @Test func kindOfInstrumentDecidesTheAggregation() async throws {
        let telemetry = try started()
        let meter = telemetry.meter("shop")
        meter.counter("a").add(1)
        meter.upDownCounter("b").add(1)
        meter.histogram("c").record(1)
        meter.gauge("d").record(1)
        meter.observableCounter("e") { $0.observe(1) }
        meter.observableUpDownCounter("f") { $0.observe(1) }
        meter.observableGauge("g") { $0.observe(1) }
        let kinds = Dictionary(uniqueKeysWithValues: try collected().map { ($0.name, kind($0)) })
        let (rising, upAndDown) = ("cumulative sum, rising", "cumulative sum, up and down")
        let boundaries = [0.0, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1000, 2500, 5000, 7500, 10000]
        #expect(
            kinds == [
                "a": rising, "b": upAndDown, "c": "histogram of \(boundaries)", "d": "gauge", "e": rising, "f": upAndDown, "g": "gauge",
            ])
        await telemetry.shutdown()
    }

    @Test func namesUnitsAndDescriptionsArriveAsTheyAre() async throws {
        let telemetry = try started()
        let meter = telemetry.meter("shop")
        let long = "a" + String(repeating: "b", count: 254)
        // An instrument whose name breaks the syntax is reported, and works.
        for name in ["a", "Http.server/requests-total_2", long, "9lives", "a b"] { meter.counter(name).add(1) }
        #expect(Set(try collected().map(\.name)) == ["a", "Http.server/requests-total_2", long, "9lives", "a b"])
        let description = String(repeating: "é🦆\n", count: 1000)
        let unit = String(repeating: "é\n", count: 40)
        meter.counter("described", unit: unit, description: description).add(1)
        let described = try collected().first { $0.name == "described" }
        #expect(described?.unit == unit && described?.description == description)
        meter.counter("sized", unit: "kb").add(1)
        meter.counter("sized", unit: "kB").add(2)
        #expect(Set(try collected().filter { $0.name == "sized" }.map(\.unit)) == ["kb", "kB"], "The case of a unit counts.")
        await telemetry.shutdown()
    }

    @Test func starSelectsAllInstruments() async throws {
        let telemetry = try started(views: [MetricView(of: .instruments("*"), attributeKeys: .only(["kept"]))])
        telemetry.meter("shop").counter("calls").add(1, ["kept": 1, "other": 2])
        telemetry.meter("stock").gauge("level").record(3, ["kept": 4, "other": 5])
        let metrics = try collected()
        #expect(metrics.count == 2 && metrics.allSatisfy { Array($0.points.ints.keys).map(\.count) == [1] })
        await telemetry.shutdown()
    }

    @Test func composedViewsMakeOneStream() async throws {
        let views = [
            MetricView(of: "latency", description: "first", aggregation: .explicitBucketHistogram(boundaries: [5])),
            MetricView(of: .all, attributeKeys: .except(["user"])),
            MetricView(of: "lat*", description: "last"),
        ]
        let telemetry = try started(views: views, matching: .composable)
        telemetry.meter("shop").histogram("latency").record(7, ["user": "a", "route": "/"])
        let metrics = try collected()
        #expect(metrics.map(\.description) == ["last"])
        guard case .histogram(let points, _)? = metrics.first?.points else {
            Issue.record("The metric is a histogram.")
            return
        }
        #expect(points.map(\.boundaries) == [[5]] && points.map(\.bucketCounts) == [[0, 1]])
        #expect(points.map(\.attributes) == [["route": "/"]])
        await telemetry.shutdown()
    }

    @Test func exponentialHistogramKeepsItsSizeByALowerScale() async throws {
        let telemetry = try started(views: [MetricView(of: .all, aggregation: .exponentialHistogram(maxSize: 4, maxScale: 3))])
        let histogram = telemetry.meter("shop").histogram("latency")
        // At scale 0 bucket 0 holds values above 1 and up to 2, bucket 1 those up to 4. (Specification: metrics data model.)
        for value in [1.5, 3, 6, 12, 0] { histogram.record(value) }
        guard case .exponentialHistogram(let points, .cumulative)? = try collected().first?.points else {
            Issue.record("The metric is an exponential histogram.")
            return
        }
        let found = try #require(points.first).distribution
        #expect(points.count == 1 && found.scale == 0 && found.zeroCount == 1 && found.count == 5 && found.sum == 22.5)
        #expect(found.positive.offset == 0 && found.positive.counts == [1, 1, 1, 1])
        await telemetry.shutdown()
    }

    @Test func metricsOfTheSDKHaveTheNamesOfTheConventions() async throws {
        let telemetry = try TelemetrySystem.start(
            spans: [.batch(InMemorySpanExporter())], metrics: [reader, .periodic(InMemoryMetricExporter(), every: .seconds(3600))],
            logs: [.batch(InMemoryLogExporter())], selfMetrics: true, environment: [:])
        telemetry.tracer("a").startSpan("x", parent: .root).end()
        let live = telemetry.tracer("a").startSpan("y", parent: .root)
        telemetry.logger("a").info("logged")
        for _ in 0..<2 { await telemetry.forceFlush() }
        let names = Set(try collected().map(\.name))
        live.end()
        var expected: Set = [
            "otel.sdk.span.started", "otel.sdk.span.live", "otel.sdk.log.created", "otel.sdk.metric_reader.collection.duration",
            "otel.sdk.exporter.operation.duration",
        ]
        for item in ["span", "log"] {
            expected.formUnion(["queue.size", "queue.capacity", "processed"].map { "otel.sdk.processor.\(item).\($0)" })
        }
        for item in ["span", "log", "metric_data_point"] {
            expected.formUnion(["inflight", "exported"].map { "otel.sdk.exporter.\(item).\($0)" })
        }
        #expect(expected.count == 17 && expected.subtracting(names).isEmpty, "\(expected.subtracting(names))")
        await telemetry.shutdown()
    }

    @Test func detectorsGiveTheResourceTheSchemaOfTheConventions() async throws {
        let telemetry = try TelemetrySystem.start(
            detectors: [.host, .os, .process], spans: [], metrics: [reader], logs: [], environment: [:])
        telemetry.meter("shop").counter("calls").add(1)
        #expect(try reader.collect().resource.schemaURL == "https://opentelemetry.io/schemas/1.44.0")
        await telemetry.shutdown()
    }
}
