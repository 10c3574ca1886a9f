// A running system uses what its configuration names, and not its neighbour.

import Synchronization
import Testing

@testable import Telemetry

@Suite(.enabled(if: ConfigurationTexts.hasYAML, "libyaml is installed."))
struct ConfiguredSelectionTests {
    private func parsed(_ lines: String) throws -> TelemetryConfiguration {
        try TelemetryConfiguration.parse("file_format: \"1.1\"\n" + lines, format: .yaml, environment: [:])
    }

    @Test(arguments: [("b3", ["b3"]), ("b3multi", ["x-b3-traceid"]), ("xray", ["x-amzn-trace-id"]), ("jaeger", ["uber-trace-id"])])
    func propagatorHasTheFieldsOfItsName(name: String, fields: [String]) async throws {
        let telemetry = try TelemetrySystem.start(configuration: parsed("propagator: {composite: [{\(name): }]}\n"), environment: [:])
        #expect(
            fields.allSatisfy { telemetry.propagator.fields.contains($0) } && telemetry.propagator.fields.contains("b3") == (name == "b3"))
        await telemetry.shutdown()
    }

    @Test func emptyNamesInAListOfPropagatorsAreNone() throws {
        #expect(try parsed("propagator: {composite_list: \"tracecontext, ,\"}\n").review().warnings.isEmpty)
        #expect(try parsed("propagator: {composite_list: \"tracecontext,x\"}\n").review().warnings.count == 1)
    }

    @Test(arguments: ["remote_parent_sampled", "remote_parent_not_sampled", "local_parent_sampled", "local_parent_not_sampled"])
    func samplerOfAParentIsThatOfItsKind(kind: String) async throws {
        // The one of this kind decides otherwise than all others.
        let others = ["remote_parent_sampled", "remote_parent_not_sampled", "local_parent_sampled", "local_parent_not_sampled"]
            .map { "\($0): {\($0 == kind ? "always_on" : "always_off"): }" }
        let telemetry = try TelemetrySystem.start(
            configuration: parsed(
                "tracer_provider: {processors: [{simple: {exporter: {console: }}}], sampler: {parent_based: {\(others.joined(separator: ", "))}}}\n"
            ), environment: [:])
        for (name, isRemote, isSampled) in [
            ("remote_parent_sampled", true, true), ("remote_parent_not_sampled", true, false), ("local_parent_sampled", false, true),
            ("local_parent_not_sampled", false, false),
        ] {
            let parent = SpanContext(
                traceID: TraceID(high: 1, low: 2), spanID: SpanID(3), flags: isSampled ? .sampled : [], isRemote: isRemote)
            let span = telemetry.tracer("a").startSpan("a", parent: Context.root.with(spanContext: parent))
            #expect(span.isRecording == (name == kind))
        }
        await telemetry.shutdown()
    }

    // MARK: Exporters and views

    /// An exporter that keeps how much time it was given.
    private final class TimedExporter: SpanExporter {
        let times = Mutex<[Duration]>([])

        func export(_ batch: borrowing SpanBatch, deadline: Deadline) async throws(ExportFailure) {
            let remaining = deadline.remaining
            times.withLock { $0.append(remaining) }
        }
    }

    @Test func batchIsGivenTheTimeOfItsExports() async throws {
        let exporter = TimedExporter()
        var components = ComponentProviders()
        try components.register(spanExporter: "timed") { _ in exporter }
        let batch = "{exporter: {timed: }, schedule_delay: 60000, export_timeout: 7200000}"
        let telemetry = try TelemetrySystem.start(
            configuration: parsed("tracer_provider: {processors: [{batch: \(batch)}]}\n"), components: components, environment: [:])
        telemetry.tracer("a").startSpan("x", parent: .root).end()
        #expect(await telemetry.forceFlush(within: .seconds(36_000)) == .completed)
        let times = exporter.times.withLock { $0 }
        #expect(times.count == 1 && times.allSatisfy { $0 > .seconds(3600) && $0 <= .seconds(7200) }, "\(times)")
        await telemetry.shutdown()
    }

    @Test(.enabled(if: OpenSSLCommand.isInstalled, "The openssl command is installed."))
    func exporterShowsItsCertificateToTheReceiver() async throws {
        let targets = Mutex<[String]>([])
        let server = try await OpenSSLServer(options: ["-Verify", "1", "-CAfile", TestCertificates.authority, "-verify_return_error"]) {
            connection, _ in
            guard let request = connection.nextRequest() else { return }
            targets.withLock { $0.append(request.head.target) }
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        }
        let tls =
            "{ca_file: \(TestCertificates.authority), cert_file: \(TestCertificates.file("client.pem")), "
            + "key_file: \(TestCertificates.file("client.key"))}"
        let exporter = "{otlp_http: {endpoint: \"https://localhost:\(server.port)/v1/traces\", tls: \(tls)}}"
        let telemetry = try TelemetrySystem.start(
            configuration: parsed("tracer_provider: {processors: [{batch: {exporter: \(exporter)}}]}\n"), environment: [:])
        telemetry.tracer("a").startSpan("x", parent: .root).end()
        #expect(await telemetry.shutdown() == .completed)
        #expect(targets.withLock { $0 } == ["/v1/traces"])
    }

    @Test func viewSelectsByTheVersionOfTheMeter() async throws {
        let exporter = InMemoryMetricExporter()
        var components = ComponentProviders()
        try components.register(metricExporter: "kept") { _ in exporter }
        let telemetry = try TelemetrySystem.start(
            configuration: parsed(
                """
                meter_provider:
                  readers: [{periodic: {exporter: {kept: }}}]
                  views: [{selector: {instrument_name: calls, meter_version: "1.0"}, stream: {name: old.calls}}]

                """), components: components, environment: [:])
        telemetry.meter("shop", version: "1.0").counter("calls").add(1)
        telemetry.meter("shop", version: "2.0").counter("calls").add(2)
        await telemetry.shutdown()
        #expect(exporter.points(of: "old.calls")?.ints == [[:]: 1] && exporter.points(of: "calls")?.ints == [[:]: 2])
    }
}
