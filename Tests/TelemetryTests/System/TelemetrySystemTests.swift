// The telemetry system: start from code and environment, and process-wide state.

import Synchronization
import Testing

@testable import Telemetry

/// The suite is serialized, since a start changes process-wide state.
@Suite(.serialized) struct TelemetrySystemTests {
    private static func start(_ environment: [String: String], resource: Resource? = nil) throws -> (TelemetrySystem, InMemorySpanExporter)
    {
        let memory = InMemorySpanExporter()
        let system = try TelemetrySystem.start(resource: resource, detectors: [], spans: [memory], environment: environment)
        return (system, memory)
    }

    @Test func codeBeatsTheEnvironmentAndTheEnvironmentBeatsTheDefault() throws {
        let environment = [
            "OTEL_SERVICE_NAME": "by name",
            "OTEL_RESOURCE_ATTRIBUTES": "service.name=by%20attributes,deployment.environment.name=test,team=a%2Cb",
        ]
        let (fromEnvironment, _) = try Self.start(environment)
        #expect(fromEnvironment.resource.attributes["service.name"] == "by name")
        #expect(fromEnvironment.resource.attributes["team"] == "a,b")
        let (fromCode, _) = try Self.start(environment, resource: .service("by code", version: "2"))
        #expect(fromCode.resource.attributes["service.name"] == "by code")
        #expect(fromCode.resource.attributes["service.version"] == "2")
        #expect(fromCode.resource.attributes["deployment.environment.name"] == "test")
        let (fromDefault, _) = try Self.start([:])
        #expect(fromDefault.resource.attributes["service.name"]?.stringValue?.hasPrefix("unknown_service:") == true)
        #expect(fromDefault.resource.attributes["telemetry.sdk.name"] == "swift-telemetry")
        #expect(fromDefault.resource.attributes["telemetry.sdk.language"] == "swift")
    }

    @Test(arguments: ["novalue", "a=b,=c", "a=%zz", "a=%c3%28"])
    func anyErrorDropsAllResourceAttributes(text: String) throws {
        let (system, _) = try Self.start(["OTEL_RESOURCE_ATTRIBUTES": "good=1," + text])
        #expect(system.resource.attributes["good"] == nil)
    }

    @Test func completeResourceIsNotMerged() throws {
        let given = Resource(attributes: ["service.name": "alone"], schemaURL: "https://example.com/schema")
        let environment = ["OTEL_RESOURCE_ATTRIBUTES": "team=a", "OTEL_TRACES_EXPORTER": "none"]
        let system = try TelemetrySystem.start(resource: given, resourceIsComplete: true, environment: environment)
        #expect(system.resource == given)
        let merged = try TelemetrySystem.start(resource: given, environment: environment)
        #expect(merged.resource.attributes["team"] == "a" && merged.resource.attributes["process.pid"] != nil)
        #expect(merged.resource.attributes["service.instance.id"] != nil && merged.resource.attributes["service.name"] == "alone")
    }

    @Test(
        arguments: [
            ("always_on", nil, "AlwaysOnSampler"), ("ALWAYS_OFF", nil, "AlwaysOffSampler"),
            ("traceidratio", "0.25", "TraceIdRatioBased{0.25}"),
            ("traceidratio", "2", "TraceIdRatioBased{1.0}"), ("traceidratio", nil, "TraceIdRatioBased{1.0}"),
        ] as [(String, String?, String)])
    func environmentSelectsTheSampler(name: String, argument: String?, expected: String) {
        var environment = ["OTEL_TRACES_SAMPLER": name]
        environment["OTEL_TRACES_SAMPLER_ARG"] = argument
        #expect(TracingEnvironment.sampler(EnvironmentReader(environment)).description == expected)
    }

    @Test(arguments: ["", "xray", "parentbased_always_on", "nonsense"])
    func unknownSamplerFallsBackToTheDefault(name: String) {
        let sampler = TracingEnvironment.sampler(EnvironmentReader(["OTEL_TRACES_SAMPLER": name]))
        #expect(sampler.description.hasPrefix("ParentBased{root:AlwaysOnSampler"))
        let off = TracingEnvironment.sampler(EnvironmentReader(["OTEL_TRACES_SAMPLER": "parentbased_always_off"]))
        #expect(off.description.hasPrefix("ParentBased{root:AlwaysOffSampler"))
    }

    @Test func exportersAreNamedByTheEnvironment() {
        func names(_ value: String?) -> [String] {
            let environment = EnvironmentReader(value.map { ["OTEL_TRACES_EXPORTER": $0] } ?? [:])
            return TracingEnvironment.processors(environment).map { "\(type(of: $0))" }
        }
        #expect(names(nil) == ["BatchSpanProcessor"])
        #expect(names("none") == [])
        #expect(names("console") == ["SimpleSpanProcessor"])
        #expect(names("console,otlp") == ["SimpleSpanProcessor", "BatchSpanProcessor"])
        #expect(names("unheard-of") == ["BatchSpanProcessor"])
        #expect(names("otlp/stdout") == ["BatchSpanProcessor"])
    }

    @Test func tracesPropagateWithoutExporter() async throws {
        let system = try TelemetrySystem.start(environment: ["OTEL_TRACES_EXPORTER": "none"])
        let span = system.tracer("x").startSpan("x", parent: .root)
        #expect(span.context.isValid && span.context.isSampled)
        var headers: [String: String] = [:]
        system.propagator.inject(Context.root.with(span: span), into: &headers)
        #expect(headers["traceparent"] == "00-\(span.context.traceID)-\(span.context.spanID)-03")
        span.end()
        #expect(await system.shutdown() == .completed)
    }

    @Test func disabledSystemStillPropagates() throws {
        let (system, memory) = try Self.start(["OTEL_SDK_DISABLED": "TRUE"])
        let remote = system.propagator.extract(
            from: ["traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "baggage": "a=1"], into: .root)
        let span = system.tracer("x").startSpan("x", parent: remote)
        span.end()
        #expect(span.context == remote.spanContext)
        #expect(memory.finishedSpans.isEmpty)
        var headers: [String: String] = [:]
        system.propagator.inject(remote.with(span: span), into: &headers)
        #expect(headers["traceparent"] == "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01" && headers["baggage"] == "a=1")
    }

    @Test(
        arguments: [
            ([:], ["traceparent", "tracestate", "baggage"]), (["OTEL_PROPAGATORS": "baggage"], ["baggage"]),
            (["OTEL_PROPAGATORS": "none"], []),
            (["OTEL_PROPAGATORS": "tracecontext,tracecontext,unheard-of"], ["traceparent", "tracestate"]),
        ] as [([String: String], [String])])
    func environmentSelectsThePropagators(environment: [String: String], fields: [String]) throws {
        let (system, _) = try Self.start(environment)
        #expect(system.propagator.fields == fields)
        #expect(Propagators.global.fields == fields)
    }

    @Test func spanLimitsBeatAttributeLimits() {
        let limits = SpanLimits(
            EnvironmentReader([
                "OTEL_ATTRIBUTE_COUNT_LIMIT": "7", "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT": "5", "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT": "11",
                "OTEL_SPAN_EVENT_COUNT_LIMIT": "3", "OTEL_SPAN_LINK_COUNT_LIMIT": "-1", "OTEL_LINK_ATTRIBUTE_COUNT_LIMIT": "2",
            ]))
        #expect(limits.attributeCount == 5 && limits.attributeValueLength == 11 && limits.eventCount == 3)
        #expect(limits.linkCount == 128 && limits.linkAttributeCount == 2 && limits.eventAttributeCount == 7)
        #expect(SpanLimits(EnvironmentReader([:])) == SpanLimits())
    }

    @Test func environmentConfiguresTheBatchProcessor() {
        let options = BatchOptions(
            EnvironmentReader([
                "OTEL_BSP_SCHEDULE_DELAY": "100", "OTEL_BSP_EXPORT_TIMEOUT": "200", "OTEL_BSP_MAX_QUEUE_SIZE": "50",
                "OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "60",
            ]), prefix: "OTEL_BSP")
        #expect(options.scheduleDelay == .milliseconds(100) && options.exportTimeout == .milliseconds(200))
        #expect(options.maxQueueSize == 50 && options.maxExportBatchSize == 50)
        let defaults = BatchOptions(EnvironmentReader(["OTEL_BSP_MAX_QUEUE_SIZE": "0"]), prefix: "OTEL_BSP")
        #expect(defaults == BatchOptions())
    }

    @Test func processorsAreShutDownIfDisabledOrNotStarted() async throws {
        let unused = ProbeExporter()
        let system = try TelemetrySystem.start(
            detectors: [], spans: [.batch(unused), .simple(unused)], environment: ["OTEL_SDK_DISABLED": "true"])
        #expect(await eventually { unused.state.shutdowns == 2 })
        #expect(!system.tracer("x").isEnabled && system.health.pipelines.isEmpty)
        let neighbour = ProbeExporter()
        let memory = InMemorySpanExporter()
        #expect(throws: ConfigurationError.self) {
            try TelemetrySystem.start(
                detectors: [], spans: [.batch(neighbour), memory, .batch(.otlp(endpoint: "ftp://nowhere"))], environment: [:])
        }
        #expect(await eventually { neighbour.state.shutdowns == 1 })
    }

    @Test func tracersAreReconfiguredAtRuntime() throws {
        let memory = InMemorySpanExporter()
        let system = try TelemetrySystem.start(
            detectors: [], spans: [memory], spanOptions: SpanOptions(configurator: .disabling("noisy.*")), environment: [:])
        let (noisy, quiet) = (system.tracer("noisy.library"), system.tracer("quiet"))
        #expect(!noisy.isEnabled && quiet.isEnabled)
        system.updateTracerConfigurator(.disabling("quiet"))
        #expect(noisy.isEnabled && !quiet.isEnabled)
        quiet.startSpan("not recorded", parent: .root).end()
        noisy.startSpan("recorded", parent: .root).end()
        #expect(memory.finishedSpans.map(\.name) == ["recorded"])
    }

    @Test func sdkAttributesNameThisSDK() throws {
        let (system, _) = try Self.start([:])
        #expect(system.resource.attributes["telemetry.sdk.name"] == "swift-telemetry")
        #expect(system.resource.attributes["telemetry.sdk.name"] != "opentelemetry", "That name is the official SDKs'.")
        #expect(system.resource.attributes["telemetry.sdk.language"] == "swift")
        #expect(system.resource.attributes["telemetry.sdk.version"]?.stringValue?.isEmpty == false)
    }

    @Test(arguments: ["collector:4318", "ftp://x", ""])
    func invalidEndpointInCodeThrowsAtStart(endpoint: String) {
        #expect(throws: ConfigurationError.self) {
            try TelemetrySystem.start(spans: [.batch(.otlp(endpoint: endpoint))], environment: [:])
        }
    }

    @Test func exportersInCodeAskTheEnvironmentThatTelemetryIsStartedWith() async throws {
        let receiver = try ScriptedReceiver()
        let system = try TelemetrySystem.start(
            detectors: [], spans: [.batch(.otlp(options: OTLPOptions(timeout: .seconds(60))))], metrics: [], logs: [],
            environment: [
                "OTEL_EXPORTER_OTLP_ENDPOINT": receiver.url, "OTEL_EXPORTER_OTLP_HEADERS": "from=environment",
                "OTEL_BSP_MAX_QUEUE_SIZE": "77",
            ])
        system.tracer("x").startSpan("x", parent: .root).end()
        #expect(await system.shutdown(within: .seconds(60)) == .completed)
        #expect(receiver.requests.map { $0.headers["From"] } == ["environment"])
        #expect(system.health.pipelines.map(\.destination) == [receiver.url + "/v1/traces"])
        #expect(system.health.pipelines.map(\.queueCapacity) == [77])
        await receiver.stop()
    }

    @Test func invalidEndpointInEnvironmentIsReportedOnly() async throws {
        let system = try TelemetrySystem.start(environment: ["OTEL_EXPORTER_OTLP_ENDPOINT": "nonsense"])
        system.tracer("x").startSpan("x", parent: .root).end()
        #expect(await system.shutdown(within: .seconds(60)) == .failed)
    }

    @Test(arguments: [(nil, 1), (.alwaysOff, 0)] as [(ExemplarFilter?, Int)])
    func exemplarFilterInCodeBeatsTheEnvironment(filter: ExemplarFilter?, count: Int) async throws {
        let reader = PullMetricReader()
        let system = try TelemetrySystem.start(
            detectors: [], spans: [], metrics: [reader], metricOptions: MetricOptions(exemplarFilter: filter),
            environment: ["OTEL_METRICS_EXEMPLAR_FILTER": "always_on"])
        system.meter("x").counter("c").add(1)
        #expect(try reader.collect().metrics.first?.points.numbers.first?.exemplars.count == count)
        await system.shutdown()
    }

    @Test func currentSystemIsTheLastStarted() throws {
        // Other tests start systems too: once without one of them in between is enough.
        let deadline = Deadline.after(.patience)
        var isFound = false
        while !isFound && !deadline.hasPassed {
            let system = try TelemetrySystem.start(detectors: [], spans: [], metrics: [], environment: [:])
            isFound = TelemetrySystem.current.meter("library") === system.meter("library")
        }
        #expect(isFound)
    }

    @Test func loggersHaveScopesAndStopAtShutdown() async throws {
        let memory = InMemoryLogExporter()
        let hour = BatchOptions(scheduleDelay: .seconds(3600))
        let system = try TelemetrySystem.start(
            detectors: [], spans: [], metrics: [], logs: [.batch(memory, options: hour)], environment: [:])
        func logger(_ attributes: Attributes) -> TelemetryLogger {
            system.logger("albums", version: "2", schemaURL: "https://example.com/1", attributes: attributes)
        }
        let log = logger(["team": "jazz"])
        #expect(log === logger(["team": "jazz"]) && log !== logger([:]))
        log.info("lent")
        #expect(await system.shutdown(within: .seconds(60)) == .completed)
        let scope = InstrumentationScope(
            name: "albums", version: "2", schemaURL: "https://example.com/1", attributes: ["team": "jazz"])
        #expect(memory.finishedRecords.map(\.instrumentationScope) == [scope])
        #expect(!log.isEnabled(.fatal))
    }

    @Test func hangingReaderDoesNotKeepInstrumentsEnabled() async throws {
        let reader = HangingReader()
        let system = try TelemetrySystem.start(spans: [], metrics: [reader], environment: [:])
        let counter = system.meter("tests").counter("albums")
        #expect(counter.isEnabled)
        #expect(await system.shutdown(within: .milliseconds(20)) == .timedOut)
        #expect(!counter.isEnabled)
        reader.gate.post()
    }

    @Test func callsBeforeStartRecordNothing() {
        let tracer = TelemetrySystem(
            resource: .empty, propagator: .composite([]),
            tracerProvider: TracerProvider(
                resource: .empty, sampler: .alwaysOff, limits: SpanLimits(), processors: [], idGenerator: nil, clock: .system, isOff: true),
            meterProvider: .disabled
        ).tracer("x")
        #expect(tracer.withSpan("x", parent: .root) { $0.context.isValid } == false)
    }
}

/// A reader whose shutdown blocks until it is released.
private final class HangingReader: MetricReader {
    let options = MetricReaderOptions()
    let gate = Semaphore()

    func register(_ collector: MetricCollector) {}
    func forceFlush(deadline: Deadline) async -> FlushResult { .completed }

    func shutdown(deadline: Deadline) async -> FlushResult {
        _ = gate.wait(until: .after(.seconds(60)))
        return .completed
    }
}
