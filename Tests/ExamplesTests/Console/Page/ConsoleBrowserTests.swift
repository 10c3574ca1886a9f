// Tests the page in a headless Chromium that Python drives, against a console that listens; skipped where either is missing.

import ExampleSupport
import Telemetry
import Testing

@testable import TelemetryConsole

@Suite(
    .enabled(if: BrowserTools.areInstalled, "Python 3 and Chromium are installed."),
    .enabled("Chromium starts here.") { await BrowserTools.startsBrowser() })
struct ConsoleBrowserTests {
    private typealias Harness = ConsoleHarness

    @Test(.timeLimit(.minutes(30)))
    func viewsWorkByKeyboardAndShowHostileTelemetryAsText() async throws {
        let stores = SignalStores()
        try await Self.serving(Console(stores, alerts: try Self.alerts(stores), queryTime: .patience)) { url in
            try await Self.serving(Console(try Self.storesWithAnEarlierRun(), queryTime: .patience)) { runs in
                let (status, report) = await BrowserTools.run("check.py", [url, runs])
                #expect(status == 0, "\(report)")
            }
        }
    }

    /// Rules of which one raises an alert at once; none where YAML cannot be read.
    private static func alerts(_ stores: SignalStores) throws -> AlertManager {
        var options = AlertManager.Options()
        let rules = """
            groups:
              - name: always
                interval: 1s
                rules:
                  - {alert: Hot, expr: vector(31) > 20, labels: {service_name: album-store}, annotations: {summary: "It is {{ $value }}."}}
                  - {alert: Later, expr: vector(31) > 20, for: 1h}
                  - {record: "twice:hot", expr: vector(62)}
            """
        if YAMLReader.isAvailable { options.groups = try RuleFileReader.groups(Array(rules.utf8), file: "rules.yml") }
        let alerts = AlertManager(stores, options)
        try alerts.start()
        return alerts
    }

    /// Stores that have kept a run before this one: its requests were slow, and it had an operation, a metric and a service that is silent now.
    private static func storesWithAnEarlierRun() throws -> SignalStores {
        let first = Timestamp(nanosecondsSinceEpoch: Harness.time)
        let stores = SignalStores(
            ConsoleLimits(), run: SignalStores.Run(number: 2, id: SignalStores.identifier(.now), start: .now, end: nil))
        let end = Timestamp(nanosecondsSinceEpoch: Harness.time + 60_000_000_000)
        stores.addRun(SignalStores.Run(number: 1, id: SignalStores.identifier(first), start: first, end: end))
        let spans = (1...20).map { number in
            Harness.Span(
                trace: Harness.trace(number), id: number, name: "GET /albums/:id", kind: 2, start: UInt64(number) * 1_000_000_000,
                duration: 100_000_000)
        }
        let request = ReceivedBody(try Harness.protobuf(spans, service: "album-store"), arrival: Harness.time + 30_000_000_000)
        #expect(try stores.spans.restore(request, run: 1).accepted == spans.count)
        let retired = try Harness.protobuf([Harness.Span(trace: Harness.trace(90), id: 90, name: "GET /retired", kind: 2)], service: "old")
        #expect(try stores.spans.restore(ReceivedBody(retired, arrival: Harness.time), run: 1).accepted == 1)
        let lines =
            #"{"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"album-store"}}]},"scopeLogs":"#
            + #"[{"logRecords":[{"timeUnixNano":"\#(Harness.time)","severityNumber":17,"body":{"stringValue":"out of albums"}}]}]}]}"#
        let logs = try OTLPReceivedRequest.protobuf(ofJSON: Array(lines.utf8), .logs, maximumBytes: 1 << 20)
        #expect(try stores.logs.restore(ReceivedBody(logs, arrival: Harness.time), run: 1).accepted == 1)
        var metrics = MetricRequest(service: "old")
        metrics.gauge("albums.retired", 3, .init(time: Harness.time / 1_000_000_000 + 10))
        #expect(stores.metrics.receive(try metrics.received).accepted == 1)
        return stores
    }

    private static func serving(_ console: Console, _ body: (String) async throws -> Void) async throws {
        var options = HTTPServerOptions.patient
        options.limits.body = 16 << 20
        let listener = try ServiceListener.start(host: "127.0.0.1", port: 0, options: options) { await console.respond(to: $0) }
        let result: Result<Void, any Error>
        do { result = .success(try await body("http://127.0.0.1:\(listener.port)")) } catch { result = .failure(error) }
        console.stop()
        await listener.stop(within: .seconds(5))
        try result.get()
    }
}
