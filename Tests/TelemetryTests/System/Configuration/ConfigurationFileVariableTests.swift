// `OTEL_CONFIG_FILE` stands in for the other variables.

import Testing

@testable import Telemetry

@Suite(.serialized, .enabled(if: ConfigurationTexts.hasYAML, "libyaml is installed."))
struct ConfigurationFileVariableTests {
    private static let text = """
        file_format: "1.1"
        resource: {attributes: [{name: service.name, value: "${SHOP:-shop}"}]}
        propagator: {composite: [{b3: }]}
        tracer_provider:
          processors: [{simple: {exporter: {memory: }}}]
          limits: {event_count_limit: 1}
          sampler: {always_on: }
        meter_provider:
          readers: [{periodic: {exporter: {console: }}}]
          views: [{selector: {instrument_name: calls}, stream: {aggregation: {drop: }}}]

        """

    private let directory: TemporaryDirectory
    private let file: String

    init() throws {
        directory = try TemporaryDirectory()
        file = "\(directory.path)/otel.yaml"
        try directory.write(Array(Self.text.utf8), to: "otel.yaml")
    }

    private func components(_ memory: InMemorySpanExporter) throws -> ComponentProviders {
        var components = ComponentProviders()
        try components.register(spanExporter: "memory") { _ in memory }
        return components
    }

    @Test func fileConfiguresTelemetryAndOtherVariablesDoNot() async throws {
        let memory = InMemorySpanExporter()
        let environment = [
            "OTEL_CONFIG_FILE": file, "OTEL_SERVICE_NAME": "other", "OTEL_SDK_DISABLED": "true", "OTEL_TRACES_SAMPLER": "always_off",
            "OTEL_PROPAGATORS": "baggage", "OTEL_SPAN_EVENT_COUNT_LIMIT": "5", "OTEL_RESOURCE_ATTRIBUTES": "team=jazz", "SHOP": "records",
        ]
        let telemetry = try TelemetrySystem.start(environment: environment, components: try components(memory))
        let span = telemetry.tracer("a").startSpan("x", parent: .root)
        for name in ["one", "two"] { span.addEvent(name) }
        span.end()
        await telemetry.shutdown(within: .seconds(60))
        let finished = try #require(memory.finishedSpans.first)
        #expect(finished.events.count == 1 && finished.resource.attributes["service.name"] == "records")
        #expect(finished.resource.attributes["team"] == nil && telemetry.propagator.fields == ["b3"])
        #expect(!telemetry.logger("a").isEnabled(.fatal), "Without a logger provider nothing is logged.")
    }

    @Test func codeBeatsTheFile() async throws {
        let (inFile, inCode, metrics, logs) = (
            InMemorySpanExporter(), InMemorySpanExporter(), InMemoryMetricExporter(), InMemoryLogExporter()
        )
        let telemetry = try TelemetrySystem.start(
            resource: Resource(attributes: ["service.name": "coded", "a": 1]), spans: [inCode],
            spanOptions: SpanOptions(limits: SpanLimits(eventCount: 2)), propagators: [.baggage], metrics: [.periodic(metrics)],
            views: [MetricView(of: "calls", name: "renamed")], logs: [logs], environment: ["OTEL_CONFIG_FILE": file],
            components: try components(inFile))
        let span = telemetry.tracer("a").startSpan("x", parent: .root)
        for name in ["one", "two", "three"] { span.addEvent(name) }
        span.end()
        telemetry.meter("a").counter("calls").add(1)
        telemetry.logger("a").info("logged")
        await telemetry.shutdown(within: .seconds(60))
        #expect(inFile.finishedSpans.isEmpty && inCode.finishedSpans.first?.events.count == 2)
        #expect(inCode.finishedSpans.first?.resource.attributes["service.name"] == "coded")
        #expect(telemetry.propagator.fields == ["baggage"] && metrics.metric(named: "renamed") != nil && logs.finishedRecords.count == 1)
    }

    @Test func unusableFileIsAnErrorOfTheStart() throws {
        let missing = "\(directory.path)/missing.yaml"
        let absent = try #require(throws: ConfigurationError.self) { try TelemetrySystem.start(environment: ["OTEL_CONFIG_FILE": missing]) }
        #expect(absent.setting == "OTEL_CONFIG_FILE" && absent.value == missing && absent.expected.contains("No such file"))
        try directory.write(Array("file_format: \"1.1\"\nlog_level: loud\nresource: {a: 1}\n".utf8), to: "wrong.yaml")
        let wrong = "\(directory.path)/wrong.yaml"
        let memory = InMemorySpanExporter()
        let error = try #require(throws: ConfigurationError.self) {
            try TelemetrySystem.start(spans: [memory], environment: ["OTEL_CONFIG_FILE": wrong])
        }
        #expect(error.problems.map(\.line) == [2, 3])
        #expect(error.description.contains("\(wrong):2:12: error: log_level: \"loud\" is unknown"))
        // Components of the program are told as well.
        let unknown = try #require(throws: ConfigurationError.self) { try TelemetrySystem.start(environment: ["OTEL_CONFIG_FILE": file]) }
        #expect(unknown.problems.map(\.property) == ["tracer_provider.processors[0].simple.exporter.memory"])
    }

    @Test func emptyVariableCountsAsNotSet() async throws {
        let memory = InMemorySpanExporter()
        let telemetry = try TelemetrySystem.start(
            detectors: [], spans: [memory], metrics: [], logs: [], environment: ["OTEL_CONFIG_FILE": "", "OTEL_SERVICE_NAME": "other"])
        telemetry.tracer("a").startSpan("x", parent: .root).end()
        await telemetry.shutdown(within: .seconds(60))
        #expect(memory.finishedSpans.first?.resource.attributes["service.name"] == "other")
    }

    @Test func unusableCertificateIsToldWithItsPlace() throws {
        try directory.write([1, 2, 3], to: "ca.pem")
        let text = ConfigurationTexts.tracing(
            "", exporter: "otlp_http: {endpoint: \"https://a/v1/traces\", tls: {ca_file: \"\(directory.path)/ca.pem\"}}")
        let configuration = try TelemetryConfiguration.parse(text, format: .yaml, name: "a", environment: [:])
        let error = try #require(throws: ConfigurationError.self) { try configuration.check() }
        #expect(error.problems.map(\.property) == ["tracer_provider.processors[0].simple.exporter.otlp_http.tls.ca_file"])
        #expect(error.problems.first?.line == 5 && error.problems.first?.column == 80)
    }
}
