// Components that programs register by name.

import Synchronization
import Testing

@testable import Telemetry

@Suite(.serialized, .enabled(if: ConfigurationTexts.hasYAML, "libyaml is installed."))
struct ComponentProvidersTests {
    private struct Fixed: Sampler {
        let isKept: Bool
        func decision(for request: borrowing SamplingRequest) -> SamplingDecision {
            SamplingDecision(isKept ? .recordAndSample : .drop, traceState: request.parent.spanContext.traceState)
        }
        var description: String { "Fixed{\(isKept)}" }
    }

    private struct Refusal: Error, CustomStringConvertible { let description = "it must not" }

    private struct Detector: ResourceDetector {
        let name = "team"
        func detect() -> Resource { Resource(attributes: ["team.name": "jazz"]) }
    }

    private struct Producer: MetricProducer {
        func produce(filter: (any MetricFilter)?, deadline: Deadline) throws -> [ScopeMetrics] { throw Refusal() }
    }

    private struct OtherPropagator: Propagator {
        let fields = ["x-other"]
        func inject<Setter: CarrierSetter>(_ context: Context, into carrier: inout Setter.Carrier, using setter: Setter) {}
        func extract<Getter: CarrierGetter>(from carrier: Getter.Carrier, into context: Context, using getter: Getter) -> Context {
            context
        }
    }

    private static let text = """
        file_format: "1.1"
        resource: {detection/development: {detectors: [{team: }]}}
        propagator: {composite: [{other: }], composite_list: "tracecontext,other"}
        tracer_provider:
          processors:
            - kept: {name: spans}
          sampler:
            fixed: {kept: true}
          id_generator: {counting: }
        meter_provider:
          readers:
            - pull: {exporter: {asked: {limit: 5}}}
            - periodic: {exporter: {measured: }, producers: [{produced: }]}
        logger_provider:
          processors:
            - kept: {name: logs}
            - simple: {exporter: {logged: }}

        """

    @Test func componentsOfAllKindsAreMadeOfTheirProperties() async throws {
        let (spans, logs, exported) = (InMemorySpanExporter(), InMemoryLogExporter(), InMemoryLogExporter())
        let reader = PullMetricReader(options: MetricReaderOptions())
        let measured = InMemoryMetricExporter()
        let seen = Mutex<[String: ConfigurationProperties]>([:])
        var components = ComponentProviders()
        try components.register(sampler: "fixed") { properties in
            seen.withLock { $0["sampler"] = properties }
            return Fixed(isKept: try properties.boolean("kept") ?? false)
        }
        try components.register(idGenerator: "counting") { _ in CountingIDs() }
        try components.register(spanProcessor: "kept") { properties in
            seen.withLock { $0["spanProcessor"] = properties }
            return spans
        }
        try components.register(logProcessor: "kept") { properties in
            seen.withLock { $0["logProcessor"] = properties }
            return logs
        }
        try components.register(logExporter: "logged") { _ in exported }
        try components.register(metricReader: "asked") { properties in
            seen.withLock { $0["metricReader"] = properties }
            return reader
        }
        try components.register(metricExporter: "measured") { _ in measured }
        try components.register(metricProducer: "produced") { _ in Producer() }
        try components.register(propagator: "other") { _ in OtherPropagator() }
        try components.register(detector: "team") { _ in Detector() }
        let configuration = try TelemetryConfiguration.parse(Self.text, format: .yaml, environment: [:])
        let telemetry = try TelemetrySystem.start(configuration: configuration, components: components, environment: [:])
        telemetry.tracer("a").startSpan("x", parent: .root).end()
        telemetry.meter("a").counter("calls").add(2)
        telemetry.logger("a").info("logged")
        let collected = try reader.collect().metrics.map(\.name)
        #expect(collected == ["calls"])
        await telemetry.shutdown(within: .seconds(60))
        #expect(spans.finishedSpans.count == 1 && spans.finishedSpans[0].context.traceID == TraceID(high: 0, low: 1))
        #expect(spans.finishedSpans[0].resource.attributes["team.name"] == "jazz")
        #expect(logs.finishedRecords.count == 1 && exported.finishedRecords.count == 1 && measured.metric(named: "calls") != nil)
        #expect(telemetry.propagator.fields == ["x-other", "traceparent", "tracestate"])
        #expect(
            seen.withLock { $0 } == [
                "sampler": .init(["kept": .boolean(true)]), "spanProcessor": .init(["name": .text("spans")]),
                "logProcessor": .init(["name": .text("logs")]), "metricReader": .init(["limit": .integer(5)]),
            ])
    }

    @Test func unregisteredComponentsAreToldWithTheirPlaces() throws {
        let configuration = try TelemetryConfiguration.parse(Self.text, format: .yaml, name: "a", environment: [:])
        let error = try #require(throws: ConfigurationError.self) { try TelemetrySystem.start(configuration: configuration) }
        #expect(error.problems.map(\.line) == [2, 3, 6, 8, 9, 12, 13, 13, 16, 17])
        #expect(error.problems[3].property == "tracer_provider.sampler.fixed" && error.problems[3].column == 5)
        #expect(error.problems[3].message.hasPrefix("there is no sampler \"fixed\"; expected always_on, always_off, always_record"))
        #expect(error.problems[3].message.contains("a name that code registers with register(sampler:)"))
        #expect(configuration.review().errors.isEmpty && configuration.review().warnings.count == 10)
        let near = try TelemetryConfiguration.parse(ConfigurationTexts.tracing("sampler: {probability: {ratio: 0.1}}"), format: .yaml)
        #expect(near.review().errors.first?.message.contains("did you mean \"probability/development\"?") == true)
    }

    @Test func errorsOfProvidersAreToldWithTheirPlaces() throws {
        var components = ComponentProviders()
        try components.register(sampler: "fixed") { properties in Fixed(isKept: try properties.boolean("kept") ?? false) }
        try components.register(spanExporter: "refusing") { _ in throw Refusal() }
        let text = ConfigurationTexts.tracing("sampler: {fixed: {kept: perhaps}}", exporter: "refusing: ")
        let configuration = try TelemetryConfiguration.parse(text, format: .yaml, name: "a")
        let error = try #require(throws: ConfigurationError.self) {
            try TelemetrySystem.start(configuration: configuration, components: components)
        }
        #expect(
            error.problems.map(\.description) == [
                "a:5:20: tracer_provider.processors[0].simple.exporter.refusing: the span exporter cannot be made: it must not",
                "a:6:27: tracer_provider.sampler.fixed.kept: a text cannot be used; expected true or false",
            ])
    }

    @Test func namesAreRegisteredOnce() throws {
        var components = ComponentProviders()
        try components.register(sampler: "fixed") { _ in Fixed(isKept: true) }
        // A name counts for its kind.
        try components.register(propagator: "fixed") { _ in OtherPropagator() }
        for name in ["fixed", "always_on", ""] {
            let error = #expect(throws: ConfigurationError.self) { try components.register(sampler: name) { _ in Fixed(isKept: false) } }
            #expect(error?.setting == "register(sampler:)" && error?.value == name)
        }
    }
}
