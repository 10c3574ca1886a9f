// Limits and details that a configuration sets are those of the running system, each of its own property.

import Synchronization
import Testing

@testable import Telemetry

@Suite(.enabled(if: ConfigurationTexts.hasYAML, "libyaml is installed."))
struct ConfiguredLimitsTests {
    private let spans = InMemorySpanExporter()
    private let metrics = InMemoryMetricExporter()

    private func started(_ lines: String, spanExporter: (any SpanExporter)? = nil) throws -> TelemetrySystem {
        var components = ComponentProviders()
        let exporter = spanExporter ?? spans
        try components.register(spanExporter: "kept") { _ in exporter }
        try components.register(metricExporter: "kept") { [metrics] _ in metrics }
        let configuration = try TelemetryConfiguration.parse("file_format: \"1.1\"\n" + lines, format: .yaml, environment: [:])
        return try TelemetrySystem.start(configuration: configuration, components: components, environment: [:])
    }

    @Test func limitsOfEventsAndLinksAreTheirOwn() async throws {
        let limits = "{event_count_limit: 1, link_count_limit: 2, event_attribute_count_limit: 2, link_attribute_count_limit: 3}"
        let telemetry = try started(
            "tracer_provider: {processors: [{batch: {exporter: {kept: }}}], limits: \(limits)}\nattribute_limits: {attribute_count_limit: 1}\n"
        )
        let attributes: Attributes = ["a": 1, "b": 2, "c": 3, "d": 4]
        let linked = SpanContext(traceID: TraceID(high: 1, low: 2), spanID: SpanID(3), flags: .sampled)
        let span = telemetry.tracer("a").startSpan("x", parent: .root)
        for _ in 0..<3 {
            span.addEvent("e", attributes)
            span.addLink(linked, attributes)
        }
        span.end()
        await telemetry.shutdown()
        let finished = try #require(spans.finishedSpans.first)
        #expect(finished.events.map(\.attributes.count) == [2] && finished.links.map(\.attributes.count) == [3, 3])
    }

    /// An exporter that keeps how many spans each batch had.
    private final class CountingExporter: SpanExporter {
        let counts = Mutex<[Int]>([])

        func export(_ batch: borrowing SpanBatch, deadline: Deadline) async throws(ExportFailure) {
            let count = batch.count
            counts.withLock { $0.append(count) }
        }
    }

    @Test func batchesHaveTheSizeOfTheirProcessor() async throws {
        let exporter = CountingExporter()
        let batch = "{exporter: {kept: }, schedule_delay: 3600000, max_export_batch_size: 3}"
        let telemetry = try started("tracer_provider: {processors: [{batch: \(batch)}]}\n", spanExporter: exporter)
        for _ in 0..<7 { telemetry.tracer("a").startSpan("x", parent: .root).end() }
        await telemetry.shutdown()
        #expect(exporter.counts.withLock { $0 } == [3, 3, 1])
    }

    @Test func hostDetectorTellsTheOperatingSystemToo() async throws {
        let telemetry = try started(
            "resource: {detection/development: {detectors: [{host: }]}}\ntracer_provider: {processors: [{batch: {exporter: {kept: }}}]}\n")
        telemetry.tracer("a").startSpan("x", parent: .root).end()
        await telemetry.shutdown()
        let attributes = try #require(spans.finishedSpans.first).resource.attributes
        #expect(attributes["host.name"] != nil && attributes["os.type"] != nil && attributes["process.pid"] == nil)
    }

    // MARK: OTLP

    @Test(arguments: [
        ("max_response_size: 8", false), ("max_response_size: 1000, max_request_size: 0", true), ("max_request_size: 8", false),
    ])
    func sizesOfRequestsAndAnswersAreBounded(lines: String, isDelivered: Bool) async throws {
        let receiver = try ScriptedReceiver([HTTPResponse(status: 200, body: Array(repeating: 0x20, count: 100))])
        let exporter = "{otlp_http: {endpoint: \"\(receiver.url)/v1/traces\", encoding: json, \(lines)}}"
        let telemetry = try started("tracer_provider: {processors: [{batch: {exporter: \(exporter)}}]}\n")
        telemetry.tracer("a").startSpan("x", parent: .root).end()
        await telemetry.forceFlush()
        #expect(telemetry.health.pipelines.map(\.exported) == [isDelivered ? 1 : 0])
        #expect(telemetry.health.pipelines.map(\.dropped) == [isDelivered ? [:] : [.rejected: 1]])
        await telemetry.shutdown()
        await receiver.stop()
    }

    @Test func histogramsOfAReceiverAreExponentialIfItPrefersThem() async throws {
        let receiver = try ScriptedReceiver()
        let exporter =
            "endpoint: \"\(receiver.url)/v1/metrics\", encoding: json, default_histogram_aggregation: base2_exponential_bucket_histogram"
        let telemetry = try started("meter_provider: {readers: [{periodic: {exporter: {otlp_http: {\(exporter)}}}}]}\n")
        telemetry.meter("a").histogram("latency").record(3)
        await telemetry.shutdown()
        let body = try #require(receiver.requests.first).body
        #expect(String(decoding: body, as: UTF8.self).contains("\"exponentialHistogram\""))
        await receiver.stop()
    }

    // MARK: Metrics

    @Test func limitsOfSeriesAreThoseOfTheKindAndOfTheView() async throws {
        let telemetry = try started(
            """
            meter_provider:
              readers: [{periodic: {exporter: {kept: }, cardinality_limits: {default: 3, counter: 5}}}]
              views: [{selector: {instrument_name: viewed}, stream: {aggregation_cardinality_limit: 2}}]

            """)
        let meter = telemetry.meter("a")
        for number in 0..<10 {
            let attributes: Attributes = ["number": AttributeValue(number)]
            meter.counter("counted").add(1, attributes)
            meter.upDownCounter("moved").add(1, attributes)
            meter.counter("viewed").add(1, attributes)
        }
        await telemetry.shutdown()
        // The series for what is beyond the limit is one more.
        #expect(["counted", "moved", "viewed"].map { metrics.points(of: $0)?.ints.count } == [6, 4, 3])
    }

    @Test func batchesOfMetricsHaveTheSizeOfTheirReader() async throws {
        let telemetry = try started(
            "meter_provider: {readers: [{periodic: {exporter: {kept: }, max_export_batch_size/development: 2}}]}\n")
        for number in 0..<5 { telemetry.meter("a").counter("calls").add(1, ["number": AttributeValue(number)]) }
        await telemetry.shutdown()
        #expect(metrics.batches.map { $0.metrics.map(\.points.count).reduce(0, +) } == [2, 2, 1])
    }
}
