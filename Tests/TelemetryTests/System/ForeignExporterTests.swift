// Exporters that know only the public protocols, through the start of telemetry.

import Synchronization
import Telemetry
import Testing

/// An exporter of every signal that reads the environment, counts its batches, and reports what the test says.
private final class ForeignExporter: SpanExporter, LogExporter, MetricExporter, EnvironmentConfigurable, ReportingExporter {
    struct Seen {
        var hosts: [String?] = []
        var exports = 0
    }

    let isBuffering: Bool
    private let buffered: ExporterStatus
    private let seen = Mutex(Seen())

    init(isBuffering: Bool = false, status: ExporterStatus = ExporterStatus()) {
        self.isBuffering = isBuffering
        buffered = status
    }

    var hosts: [String?] { seen.withLock { $0.hosts } }
    private var host: String { hosts.last.flatMap { $0 } ?? "nowhere" }

    func configure(_ environment: EnvironmentReader) throws(ConfigurationError) {
        let host = environment.text("RELAY_HOST")
        seen.withLock { $0.hosts.append(host) }
        if host == "unusable" { throw ConfigurationError(setting: "RELAY_HOST", value: "unusable", expected: "a host") }
    }

    var destinationName: String { "relay://\(host)" }
    var component: ExporterComponent { ExporterComponent(type: "relay_exporter", serverAddress: host, serverPort: 7070) }
    var status: ExporterStatus { seen.withLock { $0.exports == 0 ? ExporterStatus() : buffered } }

    func export(_ batch: borrowing SpanBatch, deadline: Deadline) async throws(ExportFailure) { seen.withLock { $0.exports += 1 } }
    func export(_ batch: borrowing LogBatch, deadline: Deadline) async throws(ExportFailure) { seen.withLock { $0.exports += 1 } }
    func export(_ batch: borrowing MetricBatch, deadline: Deadline) async throws(ExportFailure) { seen.withLock { $0.exports += 1 } }
    func forceFlush(deadline: Deadline) async -> FlushResult { .completed }
    func shutdown(deadline: Deadline) async -> FlushResult { .completed }
}

/// A span processor around another one, which hands on its configuration.
private struct Wrapping: SpanProcessor, EnvironmentConfigurable {
    let next: any SpanProcessor

    func onEnd(_ span: ReadableSpan) { next.onEnd(span) }
    func shutdown(deadline: Deadline) async -> FlushResult { await next.shutdown(deadline: deadline) }

    func configure(_ environment: EnvironmentReader) throws(ConfigurationError) {
        try (next as? any EnvironmentConfigurable)?.configure(environment)
    }
}

struct ForeignExporterTests {
    /// Where an exporter stands.
    enum Place: CaseIterable {
        case batchedSpans, simpleSpans, wrappedSpans, batchedLogs, simpleLogs, metrics
    }

    private func start(_ exporter: ForeignExporter, at place: Place, _ environment: [String: String]) throws -> TelemetrySystem {
        var (spans, logs, metrics): ([any SpanProcessor], [any LogProcessor], [any MetricReader]) = ([], [], [])
        switch place {
        case .batchedSpans: spans = [.batch(exporter)]
        case .simpleSpans: spans = [.simple(exporter)]
        case .wrappedSpans: spans = [Wrapping(next: .batch(exporter))]
        case .batchedLogs: logs = [.batch(exporter)]
        case .simpleLogs: logs = [.simple(exporter)]
        case .metrics: metrics = [.periodic(exporter)]
        }
        return try TelemetrySystem.start(spans: spans, metrics: metrics, logs: logs, environment: environment)
    }

    @Test(arguments: Place.allCases)
    func exporterIsConfiguredOnceWithTheEnvironmentOfTheStart(place: Place) async throws {
        let exporter = ForeignExporter()
        let telemetry = try start(exporter, at: place, ["RELAY_HOST": " relay.example "])
        #expect(exporter.hosts == ["relay.example"])
        if place != .wrappedSpans { #expect(telemetry.health.pipelines.map(\.destination) == ["relay://relay.example"]) }
        await telemetry.shutdown()
    }

    @Test(arguments: Place.allCases)
    func errorOfConfigurationIsThrownFromStartWithItsSetting(place: Place) {
        let exporter = ForeignExporter()
        let error = #expect(throws: ConfigurationError.self) { try start(exporter, at: place, ["RELAY_HOST": "unusable"]) }
        #expect(error == ConfigurationError(setting: "RELAY_HOST", value: "unusable", expected: "a host"))
    }

    @Test func exporterOfDisabledTelemetryIsNotConfigured() async throws {
        let exporter = ForeignExporter()
        let telemetry = try start(exporter, at: .batchedSpans, ["OTEL_SDK_DISABLED": "true", "RELAY_HOST": "unusable"])
        #expect(exporter.hosts.isEmpty)
        await telemetry.shutdown()
    }

    @Test func healthShowsWhatABufferingExporterReports() async throws {
        let failure = PipelineHealth.Failure(time: Timestamp(nanosecondsSinceEpoch: 1), message: "the relay refuses a span")
        let exporter = ForeignExporter(
            isBuffering: true,
            status: ExporterStatus(retries: 2, delivered: 2, dropped: [.rejected: 1], waiting: 1, lastFailure: failure))
        let telemetry = try start(exporter, at: .batchedSpans, ["RELAY_HOST": "relay.example"])
        for _ in 0..<4 { telemetry.tracer("test").startSpan("x").end() }
        #expect(await telemetry.forceFlush() == .completed)
        let health = try #require(telemetry.health.pipelines.first)
        #expect(health.destination == "relay://relay.example" && health.retries == 2 && health.lastFailure == failure)
        #expect(health.accepted == 4 && health.exported == 2 && health.dropped == [.rejected: 1])
        #expect(health.spooled == 1 && health.waiting == 1)
        await telemetry.shutdown()
    }

    @Test func selfMetricsShowComponentAndDropsOfABufferingExporter() async throws {
        let exporter = ForeignExporter(isBuffering: true, status: ExporterStatus(delivered: 2, dropped: [.rejected: 1], waiting: 1))
        let reader = PullMetricReader()
        let telemetry = try TelemetrySystem.start(
            spans: [.batch(exporter)], metrics: [reader], logs: [], selfMetrics: true, environment: ["RELAY_HOST": "relay.example"])
        for _ in 0..<4 { telemetry.tracer("test").startSpan("x").end() }
        #expect(await telemetry.forceFlush() == .completed)
        let metrics = try reader.collect().metrics
        #expect(counts("otel.sdk.exporter.span.exported", metrics) == [nil: 2, "rejected": 1])
        #expect(counts("otel.sdk.exporter.span.inflight", metrics) == [nil: 1])
        await telemetry.shutdown()
    }

    /// The values of a metric by their error types; each must have the component and the server of the exporter.
    private func counts(_ name: String, _ metrics: [MetricData]) -> [AttributeValue?: Int] {
        var counts: [AttributeValue?: Int] = [:]
        for metric in metrics where metric.name == name {
            guard case .sum(let points, temporality: _, isMonotonic: _) = metric.points else { continue }
            for point in points {
                #expect(point.attributes["otel.component.type"] == "relay_exporter")
                #expect(point.attributes["server.address"] == "relay.example" && point.attributes["server.port"] == 7070)
                counts[point.attributes["error.type"]] = point.value.intValue
            }
        }
        return counts
    }
}
