// The examples of the guide to tests, word for word: all are run.

import Testing

@testable import Telemetry

struct TestingGuideTests {
    @Test func everyExampleOfTheGuideStandsHere() throws {
        let examples = try GuideExamples("Testing.md")
        #expect(examples.blocks.count == 7)
        #expect(try examples.missing(in: #filePath) == [])
    }

    @Test func whatAProgramRecordsIsComparedInMemory() async throws {
        let (spans, metrics, logs) = (InMemorySpanExporter(), InMemoryMetricExporter(), InMemoryLogExporter())
        let telemetry = try TelemetrySystem.start(
            resource: .service("shop"), resourceIsComplete: true, spans: [spans], metrics: [.periodic(metrics)], logs: [logs],
            environment: [:])
        let shop = Shop(telemetry)
        try await shop.order("book", count: 2)
        await telemetry.forceFlush()

        let span = try #require(spans.finishedSpans(named: "place order").first)
        #expect(span.attributes == ["order.item": "book", "order.count": 2])
        #expect(span.status == .unset && span.events.map(\.name) == ["stock checked"])
        #expect(metrics.value(of: "orders", ["order.item": "book"]) == 2)

        let record = try #require(logs.finishedRecords.first)
        #expect(record.body == "order placed" && record.spanID == span.spanID)

        let point = try #require(metrics.points(of: "order.duration")?.histograms.first)
        #expect(point.count == 1 && point.sum == 0.25)
        #expect(metrics.metric(named: "order.duration")?.unit == "s")

        #expect(telemetry.health.pipelines.allSatisfy { $0.dropped.isEmpty })
        #expect(!span.parentSpanID.isValid && span.resource.attributes == ["service.name": "shop"])
        await telemetry.shutdown()
    }

    @Test func clockThatIsMovedByHandMakesDurationsExact() throws {
        let spans = InMemorySpanExporter()
        let clock = ManualClock()
        let telemetry = try TelemetrySystem.start(
            spans: [spans], metrics: [], logs: [], clock: .manual(clock), environment: [:])
        let span = telemetry.tracer("shop").startSpan("wait")
        clock.advance(by: .seconds(3))
        span.end()
        #expect(spans.finishedSpans.last?.duration == .seconds(3))
    }
}

struct Shop {
    let tracer: Tracer
    let log: TelemetryLogger
    let orders: Telemetry.Counter<Int>
    let duration: Histogram<Double>

    init(_ telemetry: TelemetrySystem) {
        tracer = telemetry.tracer("shop")
        log = telemetry.logger("shop")
        orders = telemetry.meter("shop").counter("orders")
        duration = telemetry.meter("shop").histogram("order.duration", unit: "s")
    }

    func order(_ item: String, count: Int) async throws {
        try await tracer.withSpan("place order", ["order.item": item, "order.count": count]) { span in
            try Task.checkCancellation()
            await Task.yield()
            span.addEvent("stock checked")
            orders.add(count, ["order.item": item])
            duration.record(0.25)
            log.info("order placed", ["order.item": item])
        }
    }
}
