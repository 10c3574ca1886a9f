// A configuration that telemetry is started with does what it says.

import Foundation
import Testing

@testable import Telemetry

@Suite(.serialized, .enabled(if: ConfigurationTexts.hasYAML, "libyaml is installed."))
struct ConfigurationCreationTests {
    /// Exporters that keep what they get, registered as `memory`.
    private struct Memory {
        let spans = InMemorySpanExporter()
        let metrics = InMemoryMetricExporter()
        let logs = InMemoryLogExporter()
        var components = ComponentProviders()

        init() throws {
            let (spans, metrics, logs) = (spans, metrics, logs)
            try components.register(spanExporter: "memory") { _ in spans }
            try components.register(metricExporter: "memory") { _ in metrics }
            try components.register(logExporter: "memory") { _ in logs }
        }

        /// Starts telemetry with a text, lets a closure record, and shuts it down.
        func run(_ text: String, environment: [String: String] = [:], _ record: (TelemetrySystem) async throws -> Void) async throws {
            let configuration = try TelemetryConfiguration.parse(text, format: .yaml, environment: environment)
            let telemetry = try TelemetrySystem.start(configuration: configuration, components: components, environment: environment)
            try await record(telemetry)
            await telemetry.shutdown(within: .seconds(60))
        }
    }

    private static let remote = SpanContext(
        traceID: TraceID(hexadecimal: "4bf92f3577b34da6a3ce929d0e0e4736")!, spanID: SpanID(hexadecimal: "00f067aa0ba902b7")!,
        flags: .sampled, isRemote: true)

    private static func tracing(_ lines: String) -> String { ConfigurationTexts.tracing(lines, exporter: "memory: ") }

    @Test func resourceIsMergedFromListAttributesAndDetectors() async throws {
        let memory = try Memory()
        let text =
            Self.tracing("") + """
                resource:
                  attributes_list: "team=jazz%2Cblues,service.name=listed"
                  attributes: [{name: service.name, value: shop}, {name: rank, value: 3, type: int}]
                  schema_url: https://example.com/1
                  detection/development:
                    attributes: {included: [process.*, service.*], excluded: [process.command, process.owner]}
                    detectors: [{host: }, {process: }, {service: }]

                """
        try await memory.run(text, environment: ["OTEL_RESOURCE_ATTRIBUTES": "left=out", "OTEL_SERVICE_NAME": "detected"]) {
            $0.tracer("a").startSpan("x").end()
        }
        let resource = try #require(memory.spans.finishedSpans.first?.resource)
        #expect(resource.attributes["service.name"] == "shop" && resource.attributes["team"] == "jazz,blues")
        #expect(resource.attributes["rank"] == 3 && resource.schemaURL == "https://example.com/1")
        #expect(resource.attributes["telemetry.sdk.name"] == "swift-telemetry" && resource.attributes["process.pid"] != nil)
        #expect(resource.attributes["service.instance.id"] != nil && resource.attributes["host.name"] == nil)
        #expect(resource.attributes["process.command"] == nil && resource.attributes["left"] == nil)
        // Without detectors nothing is detected; the service's name comes from its variable only through the detector.
        let plain = try Memory()
        try await plain.run(Self.tracing(""), environment: ["OTEL_SERVICE_NAME": "detected"]) { $0.tracer("a").startSpan("x").end() }
        let undetected = try #require(plain.spans.finishedSpans.first?.resource)
        #expect(undetected.attributes["process.pid"] == nil && undetected.attributes["service.name"] != "detected")
        let named = try Memory()
        let detecting = Self.tracing("") + "resource: {detection/development: {detectors: [{service: }]}}\n"
        try await named.run(detecting, environment: ["OTEL_SERVICE_NAME": "detected"]) { $0.tracer("a").startSpan("x").end() }
        #expect(named.spans.finishedSpans.first?.resource.attributes["service.name"] == "detected")
    }

    @Test func resourceOfCodeKeepsItsEntitiesAndSchema() throws {
        var configured = SystemSettings()
        configured.resource = Resource(attributes: ["team": "jazz"])
        configured.schemaURL = "https://example.com/file"
        configured.detectors = []
        func described(_ resource: Resource, isComplete: Bool = false) throws -> Resource {
            let code = SystemSettings(resource: resource, resourceIsComplete: isComplete)
            return try code.completed(by: configured).describedResource(EnvironmentReader([:]))
        }
        let host = ResourceEntity(type: "host", identity: ["host.id": "h1"])
        let composed = try described(Resource(entities: [host]))
        #expect(composed.entities == [host] && composed.schemaURL == "https://example.com/file" && composed.attributes["team"] == "jazz")
        #expect(try described(Resource(schemaURL: "https://example.com/code")).schemaURL == "https://example.com/code")
        let complete = Resource(attributes: ["a": "b"])
        #expect(try described(complete, isComplete: true) == complete)
    }

    @Test func selectedDetectorKeepsWholeEntities() {
        struct Detector: ResourceDetector {
            let name = "own"
            func detect() -> Resource {
                Resource(entities: [
                    ResourceEntity(type: "host", identity: ["host.id": "h1"]),
                    ResourceEntity(type: "service", identity: ["service.name": "shop"], details: ["service.version": "1"]),
                ])
            }
        }
        let selected = SelectedResourceDetector(
            detector: Detector(), keeps: { $0 != "service.version" }, environment: EnvironmentReader([:]))
        let found = selected.detect(in: ResourceSources(environment: EnvironmentReader([:])))
        #expect(found.entities.map(\.type) == ["host"] && found.attributes.count == 2)
    }

    @Test func propagatorsOfBothListsAreUsedOnce() async throws {
        let memory = try Memory()
        let text =
            "file_format: \"1.1\"\npropagator: {composite: [{b3: }, {tracecontext: }], composite_list: \"tracecontext,baggage,xray,unheard,none\"}\n"
        try await memory.run(text) { telemetry in
            #expect(telemetry.propagator.fields == ["b3", "traceparent", "tracestate", "baggage", "x-amzn-trace-id"])
        }
        try await memory.run("file_format: \"1.1\"\n") { #expect($0.propagator.fields.isEmpty) }
    }

    @Test func absentProvidersRecordNothing() async throws {
        let memory = try Memory()
        try await memory.run("file_format: \"1.1\"\n") { telemetry in
            #expect(telemetry.health.pipelines.isEmpty && !telemetry.tracer("a").isEnabled)
            #expect(!telemetry.logger("a").isEnabled(.error))
            let span = telemetry.tracer("a").startSpan("x")
            #expect(!span.isRecording && !span.context.isValid)
        }
    }

    @Test func disabledConfigurationRecordsNothing() async throws {
        let memory = try Memory()
        let text = Self.tracing("") + "disabled: true\npropagator: {composite: [{tracecontext: }]}\n"
        try await memory.run(text) { telemetry in
            telemetry.tracer("a").startSpan("x").end()
            #expect(telemetry.propagator.fields == ["traceparent", "tracestate"])
        }
        #expect(memory.spans.finishedSpans.isEmpty)
    }

    @Test func limitsOfSpansAndOfAllAttributesApply() async throws {
        let memory = try Memory()
        let text =
            Self.tracing("limits: {attribute_count_limit: 2, event_count_limit: 1, event_attribute_count_limit: 1, link_count_limit: 1}")
            + "attribute_limits: {attribute_value_length_limit: 3, attribute_count_limit: 1, attribute_value_depth_limit: 1}\n"
        try await memory.run(text) { telemetry in
            let span = telemetry.tracer("a").startSpan("x", parent: .root)
            let texts: Attributes = ["a": "long text", "b": "x", "c": "y"]
            for (key, value) in texts { span.setAttribute(key, value) }
            for name in ["one", "two"] { span.addEvent(name, texts) }
            for _ in 0..<2 { span.addLink(Self.remote, texts) }
            span.end()
        }
        let span = try #require(memory.spans.finishedSpans.first)
        #expect(span.attributes.count == 2 && span.attributes["a"] == "lon" && span.droppedAttributeCount == 1)
        #expect(span.events.count == 1 && span.events[0].attributes.count == 1 && span.links.count == 1)
        // Links have no limit of their own here: that of all attributes counts.
        #expect(span.links[0].attributes.count == 1)
    }

    @Test(arguments: [
        ("always_on: ", 100, 100), ("always_off: ", 0, 0), ("trace_id_ratio_based: {ratio: 0}", 0, 0),
        ("parent_based: {root: {always_off: }}", 0, 100),
        ("parent_based: {remote_parent_sampled: {always_off: }}", 100, 0), ("probability/development: {ratio: 1}", 100, 100),
        ("composite/development: {parent_threshold: {root: {always_off: }}}", 0, 100),
        ("composite/development: {rule_based: {rules: [{parent: [none], sampler: {always_on: }}]}}", 100, 0),
        ("composite/development: {rule_based: {rules: [{parent: [remote], sampler: {always_on: }}]}}", 0, 100),
        ("composite/development: {rule_based: {rules: [{span_kinds: [client], sampler: {always_on: }}]}}", 0, 0),
        (
            "composite/development: {rule_based: {rules: [{attribute_values: {key: code, values: [\"404\"]}, sampler: {always_on: }}]}}",
            100, 100
        ),
        (
            "composite/development: {rule_based: {rules: [{attribute_values: {key: code, values: [\"500\"]}, sampler: {always_on: }}]}}", 0,
            0
        ),
        (
            "composite/development: {rule_based: {rules: [{attribute_patterns: {key: tags, included: [b*]}, sampler: {always_on: }}]}}",
            100, 100
        ),
        (
            "composite/development: {rule_based: {rules: [{attribute_patterns: {key: code, excluded: [\"4*\"]}, sampler: {always_on: }}]}}",
            0, 0
        ),
        ("composite/development: {rule_based: {rules: [{attribute_patterns: {key: none, excluded: [x]}, sampler: {always_on: }}]}}", 0, 0),
    ])
    func samplerDecides(sampler: String, roots: Int, children: Int) async throws {
        let memory = try Memory()
        try await memory.run(Self.tracing("sampler: {\(sampler)}")) { telemetry in
            let tracer = telemetry.tracer("a")
            let attributes: Attributes = ["code": 404, "tags": ["a", "bc"]]
            for _ in 0..<100 {
                tracer.startSpan("root", kind: .server, parent: .root, attributes).end()
                tracer.startSpan("child", kind: .server, parent: Context.root.with(spanContext: Self.remote), attributes).end()
            }
        }
        #expect(memory.spans.finishedSpans.count { $0.name == "root" } == roots)
        #expect(memory.spans.finishedSpans.count { $0.name == "child" } == children)
    }

    @Test func configuratorsSwitchScopesByTheirNames() async throws {
        let memory = try Memory()
        let text =
            Self.tracing(
                "tracer_configurator/development: {default_config: {enabled: false}, tracers: [{name: shop.c*, config: {}}, {name: shop.*, config: {enabled: false}}]}"
            ) + """
                meter_provider:
                  readers: [{periodic: {exporter: {memory: }}}]
                  meter_configurator/development: {meters: [{name: noisy, config: {enabled: false}}]}
                logger_provider:
                  processors: [{simple: {exporter: {memory: }}}]
                  logger_configurator/development:
                    default_config: {minimum_severity: warn}
                    loggers: [{name: audit, config: {trace_based: true}}]

                """
        try await memory.run(text) { telemetry in
            for scope in ["shop.cart", "shop.stock", "other", "noisy", "audit"] {
                telemetry.tracer(scope).startSpan(scope, parent: .root).end()
                telemetry.meter(scope).counter(scope).add(1)
                telemetry.logger(scope).info("\(scope)")
                telemetry.logger(scope).error("\(scope)")
            }
        }
        #expect(memory.spans.finishedSpans.map(\.name) == ["shop.cart"])
        #expect(memory.metrics.metric(named: "noisy") == nil && memory.metrics.metric(named: "other") != nil)
        #expect(memory.logs.finishedRecords.count == 6)
    }

    @Test func viewsShapeMetrics() async throws {
        let memory = try Memory()
        let text = """
            file_format: "1.1"
            meter_provider:
              readers:
                - periodic:
                    exporter: {memory: }
                    cardinality_limits: {default: 3}
              views:
                - selector: {instrument_name: debug.*}
                  stream: {aggregation: {drop: }}
                - selector: {instrument_name: requests, instrument_type: counter, unit: "{request}", meter_name: shop}
                  stream: {name: shop.requests, description: all, attribute_keys: {included: [http.*], excluded: [http.secret]}}
                - selector: {instrument_type: histogram}
                  stream: {aggregation: {explicit_bucket_histogram: {boundaries: [1, 10], record_min_max: false}}}
                - selector: {instrument_name: sizes}
                  stream: {name: fine.sizes, aggregation: {base2_exponential_bucket_histogram: {max_size: 4, max_scale: 2}}}

            """
        try await memory.run(text) { telemetry in
            let meter = telemetry.meter("shop")
            meter.counter("debug.calls").add(1)
            meter.counter("requests", unit: "{request}").add(2, ["http.route": "/", "http.secret": "x", "user": "y"])
            meter.histogram("sizes").record(5)
            for number in 0..<10 { meter.counter("many").add(1, ["number": AttributeValue(number)]) }
        }
        #expect(memory.metrics.metric(named: "debug.calls") == nil && memory.metrics.metric(named: "requests") == nil)
        let requests = try #require(memory.metrics.metric(named: "shop.requests"))
        #expect(requests.description == "all" && requests.points.ints == [["http.route": "/"]: 2])
        let sizes = try #require(memory.metrics.points(of: "sizes")?.histograms.first)
        #expect(sizes.boundaries == [1, 10] && sizes.bucketCounts == [0, 1, 0] && sizes.min == nil)
        #expect(memory.metrics.points(of: "fine.sizes")?.exponentialHistograms.count == 1)
        #expect(memory.metrics.points(of: "many")?.ints.count == 4)
    }

    @Test func logLimitsAndEventsOfSpansApply() async throws {
        let memory = try Memory()
        let text =
            Self.tracing("") + """
                logger_provider:
                  processors: [{event_to_span_event_bridge/development: }, {batch: {exporter: {memory: }}}]
                  limits: {attribute_count_limit: 1}

                """
        try await memory.run(text) { telemetry in
            telemetry.tracer("a").withSpan("x") { _ in
                telemetry.logger("a").emit(LogRecord("body", severity: .info, attributes: ["a": 1, "b": 2], eventName: "bought"))
            }
        }
        #expect(
            memory.logs.finishedRecords.map(\.attributes.count) == [1] && memory.logs.finishedRecords.map(\.droppedAttributeCount) == [1])
        #expect(memory.spans.finishedSpans.first?.events.map(\.name) == ["bought"])
    }

    @Test func linesOfOTLPAreWrittenToTheFileOfTheConfiguration() async throws {
        let directory = try TemporaryDirectory()
        var text = "file_format: \"1.1\"\n"
        for (provider, list, before, after) in [
            ("tracer_provider", "processors", "batch: {", "}"), ("meter_provider", "readers", "periodic: {", "}"),
            ("logger_provider", "processors", "simple: {", "}"),
        ] {
            let exporter = "otlp_file/development: {output_stream: \"file://\(directory.path)/\(provider).jsonl\"}"
            text += "\(provider): {\(list): [{\(before)exporter: {\(exporter)}\(after)}]}\n"
        }
        try await Memory().run(text) { telemetry in
            telemetry.tracer("a").startSpan("spanned").end()
            telemetry.meter("a").counter("counted").add(1)
            telemetry.logger("a").info("logged")
        }
        for (name, content) in [("tracer_provider", "spanned"), ("meter_provider", "counted"), ("logger_provider", "logged")] {
            let lines = String(decoding: try directory.bytes(of: "\(name).jsonl"), as: UTF8.self)
            #expect(lines.contains("\"\(content)\""))
        }
    }

    @Test func otlpExporterSendsToItsEndpointWithItsHeaders() async throws {
        let (requests, answered) = AsyncStream.makeStream(of: HTTPMessage.self)
        let server = try ScriptedServer { connection in
            if let request = connection.nextRequest() { answered.yield(request) }
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nContent-Type: application/json\r\n\r\n")
            answered.finish()
        }
        let exporter = """
            otlp_http: {endpoint: "\(server.url)own/path", encoding: json, headers: [{name: x-key, value: a}, {name: none, value: }],
             headers_list: "X-Key=b,x-tenant=c%20d", timeout: 30000}
            """.replacing("\n", with: "")
        try await Memory().run(ConfigurationTexts.tracing("", exporter: exporter)) { $0.tracer("a").startSpan("x").end() }
        var received: [HTTPMessage] = []
        for await request in requests { received.append(request) }
        let head = try #require(received.first?.head)
        #expect(head.target == "/own/path" && head.headers["x-key"] == "a" && head.headers["x-tenant"] == "c d")
        #expect(head.headers["content-type"] == "application/json" && head.headers["none"] == nil)
    }

    @Test func prometheusEndpointAnswersWithItsOptions() async throws {
        let text = """
            file_format: "1.1"
            resource: {attributes: [{name: service.name, value: shop}, {name: service.secret, value: x}]}
            meter_provider:
              readers:
                - pull:
                    exporter:
                      prometheus/development: {host: 127.0.0.1, port: 0, scope_info_enabled: false, target_info_enabled/development: false,
                        resource_constant_labels: {included: [service.*], excluded: [service.secret]}}

            """
        try await Memory().run(text) { telemetry in
            telemetry.meter("a").counter("calls").add(3)
            #expect(telemetry.prometheus.port ?? 0 > 0)
            let page = await telemetry.prometheus.page()
            #expect(String(decoding: page.body, as: UTF8.self).contains("calls_total{service_name=\"shop\"} 3\n"))
            #expect(!String(decoding: page.body, as: UTF8.self).contains("target_info"))
        }
    }

    @Test func selfMetricsOfTheDistributionAreRecorded() async throws {
        let memory = try Memory()
        let text =
            Self.tracing("") + """
                meter_provider: {readers: [{periodic: {exporter: {memory: }}}]}
                distribution: {swift-telemetry: {self_metrics: true, kernel_clock: true}}

                """
        try await memory.run(text) { $0.tracer("a").startSpan("x").end() }
        #expect(memory.metrics.metric(named: "otel.sdk.span.started") != nil)
    }

    @Test func configurationMadeInCodeStartsAndIsChecked() async throws {
        let memory = try Memory()
        var configuration = TelemetryConfiguration()
        configuration.tracerProvider = .init(processors: [.simple(.component(.init("memory")))])
        configuration.tracerProvider?.sampler = .parentBased(.init(root: .ratio(1)))
        let telemetry = try TelemetrySystem.start(configuration: configuration, components: memory.components)
        telemetry.tracer("a").startSpan("x", parent: .root).end()
        await telemetry.shutdown(within: .seconds(60))
        #expect(memory.spans.finishedSpans.count == 1)
        configuration.tracerProvider?.sampler = .ratio(7)
        configuration.tracerProvider?.limits.eventCount = -1
        let error = try #require(throws: ConfigurationError.self) { try configuration.check(components: memory.components) }
        #expect(error.problems.map(\.property) == ["tracer_provider.limits", "tracer_provider.sampler.trace_id_ratio_based.ratio"])
    }
}
