// The console in a program of one's own, as users start it.

import ExampleSupport
import Telemetry
import TelemetryConsole
import Testing

struct TelemetryConsoleTests {
    private func get(_ console: TelemetryConsole, _ path: String) async throws -> JSONValue {
        let transport = SocketTransport(timeout: ServiceHarness.patience)
        return try JSONValue(parsing: try await transport.send("GET", console.url + path, headers: [:], body: []).body)
    }

    @Test func ownSignalsAreShown() async throws {
        let console = try TelemetryConsole.start(port: 0)
        let telemetry = try TelemetrySystem.start(
            resource: .service("own"), detectors: [], sampler: .alwaysOn, spans: [.batch(console.spans)],
            propagators: [.traceContext], metrics: [.periodic(console.metrics, every: .seconds(3_600))], logs: [.batch(console.logs)],
            environment: [:])
        telemetry.tracer("test").withSpan("work", ["answer": 42]) { _ in telemetry.logger("test").info("inside") }
        telemetry.meter("test").counter("works.done").add(3)
        #expect(await telemetry.shutdown(within: ServiceHarness.patience) == .completed)
        let trace = try await get(console, "data/traces?q=answer%3D42")["traces"]?[0]
        #expect(trace?["name"] == "work" && trace?["service"] == "own")
        let record = try await get(console, "data/logs")["logs"]?[0]
        #expect(record?["body"] == ["stringValue": "inside"] && record?["traceId"] == trace?["traceId"])
        let metrics = try await get(console, "data/summary")["signals"]?["metrics"]
        #expect(metrics?["received"] == "1")
        await console.stop()
    }

    @Test func systemThatRunsIsShownWhileItExportsElsewhere() async throws {
        let memory = InMemorySpanExporter()
        let telemetry = try TelemetrySystem.start(
            resource: .service("own"), detectors: [], sampler: .alwaysOn, spans: [.batch(memory)], propagators: [.traceContext],
            metrics: [.periodic(InMemoryMetricExporter(), every: .seconds(3_600))], logs: [.batch(InMemoryLogExporter())], environment: [:])
        let console = try TelemetryConsole.start(port: 0, for: telemetry)
        telemetry.tracer("test").withSpan("work") { _ in telemetry.logger("test").info("inside") }
        telemetry.meter("test").counter("works.done").add(3)
        #expect(await telemetry.forceFlush(within: ServiceHarness.patience) == .completed)
        let trace = try await get(console, "data/traces")["traces"]?[0]
        #expect(trace?["name"] == "work" && trace?["service"] == "own")
        #expect(try await get(console, "data/logs")["logs"]?[0]?["traceId"] == trace?["traceId"])
        #expect(try await get(console, "data/summary")["signals"]?["metrics"]?["received"] == "1")
        #expect(memory.finishedSpans.count == 1)
        await console.stop()
        await telemetry.shutdown(within: ServiceHarness.patience)
    }

    @Test func systemThatExportsNothingInBatchesIsRefused() async throws {
        let telemetry = try TelemetrySystem.start(
            detectors: [], spans: [InMemorySpanExporter()], propagators: [], metrics: [], logs: [], environment: [:])
        let error = #expect(throws: TelemetryConsole.Failure.self) { try TelemetryConsole.start(port: 0, for: telemetry) }
        #expect(error?.description.contains(".batch(console.spans)") == true)
        await telemetry.shutdown(within: ServiceHarness.patience)
    }

    @Test func takenPortIsAnErrorThatNamesIt() async throws {
        let console = try TelemetryConsole.start(port: 0)
        let port = try #require(console.url.split(separator: ":").last.flatMap { Int($0.dropLast()) })
        let error = #expect(throws: TelemetryConsole.Failure.self) { try TelemetryConsole.start(port: port) }
        #expect(error?.description.contains("\(port)") == true)
        await console.stop()
    }

    @Test func addressThatOthersReachNeedsAToken() {
        var options = TelemetryConsole.Options()
        options.host = "0.0.0.0"
        #expect(throws: TelemetryConsole.Failure.self) { try TelemetryConsole.start(port: 0, options: options) }
    }
}
