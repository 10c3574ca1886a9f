// Files and texts become the model.

import Foundation
import Testing

@testable import Telemetry

@Suite(.enabled(if: ConfigurationTexts.hasYAML, "libyaml is installed."))
struct ConfigurationParsingTests {
    private func parsed(_ text: String, _ format: TelemetryConfiguration.Format = .yaml) throws -> TelemetryConfiguration {
        try TelemetryConfiguration.parse(text, format: format, environment: [:])
    }

    @Test func resourceAndPropagatorsBecomeTheModel() throws {
        let configuration = try parsed(ConfigurationTexts.complete)
        #expect(configuration.fileFormat == "1.1" && configuration.logLevel == .warn2 && !configuration.isDisabled)
        #expect(configuration.attributeLimits == .init(valueLength: 4096, valueDepth: 8, count: 100))
        let attributes = configuration.resource.attributes
        #expect(attributes.map(\.name) == ["service.name", "ready", "rank", "weight", "tags", "flags", "ranks", "weights"])
        let values: [AttributeValue] = ["shop", true, 3, 2.0, ["a", "b"], [true, false], [1, 2], [1.5, 2.0]]
        #expect(attributes.map(\.value) == values)
        #expect(configuration.resource.schemaURL == "https://opentelemetry.io/schemas/1.30.0")
        #expect(configuration.resource.detectors.map(\.name) == ["host", "process", "container", "service"])
        #expect(configuration.resource.detectedAttributes == .init(included: ["process.*", "host.name"], excluded: ["process.owner"]))
        #expect(configuration.propagator.composite.map(\.name) == ["tracecontext", "b3multi"])
        #expect(configuration.propagator.compositeList == "baggage,tracecontext,jaeger")
        #expect(configuration.distribution == .init(hasSelfMetrics: true) && configuration.warnings.isEmpty)
    }

    @Test func instrumentationBecomesTheModel() throws {
        let instrumentation = try parsed(ConfigurationTexts.complete).instrumentation
        #expect(
            instrumentation.httpClient
                == .init(
                    requestHeaders: ["Content-Type", "Accept"], responseHeaders: ["ETag"], knownMethods: ["GET", "PROPFIND"]))
        #expect(instrumentation.httpServer == .init(requestHeaders: ["X-Request-ID"], knownMethods: []))
        #expect(instrumentation.sensitiveQueryParameters == ["sig", "token"] && instrumentation.stabilityOptIn == "http,database")
        #expect(
            instrumentation.conventions == [
                .http: .init(version: 1, areExperimental: true), .database: .init(areExperimental: true), .genAI: .init(),
                .rpc: .init(areExperimental: true),
            ])
        var helpers = TelemetryConfiguration.Helpers()
        helpers.trustsForwardedHeaders = false
        helpers.httpServerMetrics = [.activeRequests, .serverAddress]
        helpers.httpClientMetrics = [.requestBodySize, .responseBodySize, .scheme, .urlTemplate]
        helpers.recordsReturnedRows = false
        helpers.recordsMessages = true
        #expect(instrumentation.helpers == helpers)
        // Libraries read their own settings; those of this SDK's helpers are no library's.
        #expect(instrumentation.libraries.mapValues { $0.keys.sorted() } == ["java": ["example"], "swift": ["example"]])
        let library = instrumentation.library("example")
        #expect(try library.text("property") == "value" && library.path == "instrumentation/development.swift.example")
        #expect(instrumentation.library("other").values.isEmpty)
        #expect(try parsed("file_format: \"1.1\"\n").instrumentation == .init())
    }

    @Test func tracerProviderBecomesTheModel() throws {
        let provider = try #require(try parsed(ConfigurationTexts.complete).tracerProvider)
        var otlp = TelemetryConfiguration.OTLP(encoding: .json, endpoint: "http://collector:4318/v1/traces")
        otlp.certificates.authority = "/etc/ca.pem"
        otlp.headers = [.init(name: "api-key", value: "1234")]
        otlp.headersList = "x-tenant=albums,API-Key=other"
        otlp.compression = .gzip
        otlp.timeout = .zero
        otlp.maximumRequestBytes = 0
        otlp.maximumResponseBytes = 1000
        var batch = TelemetryConfiguration.Batch(.otlp(otlp), scheduleDelay: .milliseconds(100))
        batch.exportTimeout = .seconds(1_000_000_000)
        batch.maxQueueSize = 64
        batch.maxExportBatchSize = 16
        #expect(provider.processors == [.batch(batch), .simple(.console)])
        #expect(provider.limits.attributes == .init(valueLength: 512, count: 64))
        #expect(provider.limits.eventCount == 5 && provider.limits.linkCount == 6)
        #expect(provider.limits.eventAttributeCount == 7 && provider.limits.linkAttributeCount == 8)
        guard case .parentBased(let samplers) = provider.sampler, case .composite(.ruleBased(let rules)) = samplers.root else {
            Issue.record("The sampler is another.")
            return
        }
        #expect(rules.count == 3 && rules[0].sampler == .alwaysOff && rules[1].sampler == .alwaysOn)
        #expect(rules[0].attributes == [.values(key: "http.route", ["/healthz", "/livez"])])
        #expect(rules[1].attributes == [.patterns(key: "url.path", .init(included: ["/internal/*"], excluded: ["/internal/special/*"]))])
        #expect(rules[1].spanKinds == [.server, .client] && rules[1].parents == [.none, .remote])
        #expect(rules[2].sampler == .parentThreshold(root: .probability(0.25)) && rules[2].attributes.isEmpty)
        #expect(samplers.localParentNotSampled == .alwaysRecord(root: .ratio(0.5)) && samplers.remoteParentSampled == .probability(1))
        #expect(samplers.localParentSampled == .alwaysOn && samplers.remoteParentNotSampled == .alwaysOff)
        #expect(provider.idGenerator == nil)
        #expect(provider.configurator?.standard.isEnabled == false && provider.configurator?.rules.first?.name == "shop.*")
    }

    @Test func meterProviderBecomesTheModel() throws {
        let provider = try #require(try parsed(ConfigurationTexts.complete).meterProvider)
        guard case .periodic(let periodic) = provider.readers.first, case .pull(let pull) = provider.readers.last else {
            Issue.record("The readers are others.")
            return
        }
        var otlp = TelemetryConfiguration.OTLP(encoding: .grpc, endpoint: "collector:4317")
        otlp.isInsecure = true
        #expect(periodic.exporter.exporter == .otlp(otlp) && periodic.exporter.temporality == .lowMemory)
        #expect(periodic.exporter.prefersExponentialHistograms && periodic.interval == .seconds(5) && periodic.timeout == .zero)
        #expect(periodic.maxExportBatchSize == 300 && periodic.cardinalityLimits.standard == 100)
        #expect(periodic.cardinalityLimits.byKind == [.counter: 7])
        guard case .prometheus(let prometheus) = pull.exporter else {
            Issue.record("The exporter is another.")
            return
        }
        #expect(prometheus.host == "127.0.0.1" && prometheus.port == 0 && !prometheus.includesScopeLabels && !prometheus.includesTargetInfo)
        #expect(prometheus.resourceLabels == .init(included: ["service*"], excluded: ["service.attr1"]))
        #expect(prometheus.translationStrategy == .noTranslation && pull.cardinalityLimits.standard == 2000)
        var view = TelemetryConfiguration.View()
        (view.instrumentName, view.instrumentKind, view.unit, view.meterName) = ("my_instrument", .histogram, "ms", "my-meter")
        (view.meterVersion, view.meterSchemaURL) = ("1.0.0", "https://opentelemetry.io/schemas/1.16.0")
        (view.name, view.description, view.cardinalityLimit) = ("new_name", "new_description", 50)
        view.aggregation = .explicitBucketHistogram(boundaries: [0, 5, 10], recordsMinMax: false)
        view.attributeKeys = .init(included: ["http.*"], excluded: ["http.secret"])
        #expect(provider.views.count == 2 && provider.views[0] == view && provider.views[1].aggregation == .drop)
        #expect(provider.exemplarFilter == .alwaysOff && provider.configurator?.rules.first?.configuration.isEnabled == false)
    }

    @Test func loggerProviderBecomesTheModel() throws {
        let provider = try #require(try parsed(ConfigurationTexts.complete).loggerProvider)
        let batch = TelemetryConfiguration.Batch(.otlpFile("/var/log/records.jsonl"), scheduleDelay: .seconds(1))
        #expect(provider.processors == [.batch(batch), .spanEvents] && provider.limits == .init(count: 9))
        let rule = try #require(provider.configurator?.rules.first)
        #expect(rule.name == "audit" && rule.configuration == LoggerConfiguration(minimumSeverity: .error3, isTraceBased: true))
    }

    @Test func missingAndNullPropertiesHaveTheirDefaults() throws {
        let configuration = try parsed("file_format: '1.0'\nlog_level:\ndisabled: null\n")
        var expected = TelemetryConfiguration()
        expected.fileFormat = "1.0"
        #expect(configuration == expected && configuration.tracerProvider == nil && configuration.logLevel == .info)
        let tracing = try #require(try parsed(ConfigurationTexts.tracing("limits: {event_count_limit: }")).tracerProvider)
        #expect(tracing.sampler == .parentBased(.init()) && tracing.limits == .init())
        let empty = try #require(try parsed(ConfigurationTexts.tracing("sampler: {trace_id_ratio_based: }")).tracerProvider)
        #expect(empty.sampler == .ratio(1))
    }

    @Test func presentPropertyWithoutValueDiffersFromMissingOne() throws {
        func view(_ stream: String) throws -> TelemetryConfiguration.View? {
            try parsed(
                "file_format: \"1.1\"\nmeter_provider:\n  readers: [{periodic: {exporter: {console: }}}]\n  views:\n    - selector: {}\n      stream: \(stream)\n"
            ).meterProvider?.views.first
        }
        #expect(try view("{aggregation: {drop: }}")?.aggregation == .drop)
        #expect(try view("{}")?.aggregation == nil)
        #expect(try view("{aggregation: {drop: {}}}") == view("{aggregation: {drop: null}}"))
    }

    @Test func jsonAndYAMLGiveTheSameModel() throws {
        let json = """
            {"file_format": "1.1", "tracer_provider": {
                "processors": [{"batch": {"exporter": {"otlp_http": null}, "schedule_delay": 250}}],
                "sampler": {"trace_id_ratio_based": {"ratio": 0.5}}}}
            """
        let yaml = """
            file_format: "1.1"
            tracer_provider:
              processors:
                - batch:
                    exporter:
                      otlp_http:
                    schedule_delay: 250
              sampler:
                trace_id_ratio_based:
                  ratio: 0.5
            """
        let configuration = try parsed(json, .json)
        // JSON is YAML too.
        #expect(try configuration == parsed(yaml) && configuration == parsed(json))
        #expect(configuration.tracerProvider?.sampler == .ratio(0.5))
    }

    @Test func filesAreReadByTheEndOfTheirName() throws {
        let directory = try TemporaryDirectory()
        let yaml = Array("file_format: \"1.0\"\ndisabled: ${OFF}\n".utf8)
        for name in ["a.yaml", "a.yml", "A.YAML"] {
            try directory.write(yaml, to: name)
            #expect(try TelemetryConfiguration.parse(file: "\(directory.path)/\(name)", environment: ["OFF": "true"]).isDisabled)
        }
        try directory.write(Array("{\"file_format\": \"1.0\", \"disabled\": true}".utf8), to: "a.json")
        #expect(try TelemetryConfiguration.parse(file: "\(directory.path)/a.json").isDisabled)
        try directory.write(yaml, to: "a.txt")
        for (name, expected) in [("a.txt", ".yaml, .yml or .json"), ("missing.yaml", "No such file"), ("", ".yaml")] {
            let error = try #require(throws: ConfigurationError.self) {
                try TelemetryConfiguration.parse(file: name.isEmpty ? directory.path : "\(directory.path)/\(name)")
            }
            #expect(error.expected.contains(expected) && error.problems.isEmpty)
        }
    }

    @Test func missingLibyamlIsAnErrorThatNamesThePackageAndJSONNeedsNone() throws {
        func parsed(_ text: String, _ format: TelemetryConfiguration.Format) throws(ConfigurationError) -> TelemetryConfiguration {
            try TelemetryConfiguration.parse(
                Array(text.utf8), format, name: "a", path: nil, setting: "OTEL_CONFIG_FILE", EnvironmentReader([:]),
                library: .failure(DynamicLibrary.Failure(description: "libyaml-0.so.2: cannot open")))
        }
        let error = try #require(throws: ConfigurationError.self) { try parsed("file_format: \"1.1\"\n", .yaml) }
        #expect(error.setting == "OTEL_CONFIG_FILE" && error.value == "a")
        #expect(error.expected.contains("apt install libyaml-0-2 (libyaml-0.so.2: cannot open). JSON needs no library"))
        #expect(try parsed("{\"file_format\": \"1.1\"}", .json).fileFormat == "1.1")
    }

    @Test func aliasesRepeatTheirAnchors() throws {
        let text = """
            file_format: "1.1"
            tracer_provider:
              processors:
                - batch: &batch
                    exporter: &exporter
                      otlp_http: {endpoint: "http://a:1/x"}
                - simple: {exporter: *exporter}
            logger_provider:
              processors:
                - batch: *batch
            """
        let configuration = try parsed(text)
        let otlp = TelemetryConfiguration.Exporter.otlp(.init(endpoint: "http://a:1/x"))
        #expect(configuration.tracerProvider?.processors.last == .simple(otlp))
        #expect(configuration.loggerProvider?.processors == [.batch(.init(otlp, scheduleDelay: .seconds(1)))])
    }

    @Test func numbersFromVariablesCountAsTheirTexts() throws {
        let text = """
            file_format: 1.1
            resource:
              attributes:
                - {name: build, value: "${BUILD}"}
                - name: commit
                  value: ${BUILD}
            tracer_provider:
              processors:
                - simple:
                    exporter:
                      otlp_http:
                        headers:
                          - name: key
                            value: ${BUILD}
                        timeout: ${TIMEOUT}
            """
        let configuration = try TelemetryConfiguration.parse(text, format: .yaml, environment: ["BUILD": "1e5", "TIMEOUT": "70"])
        #expect(configuration.fileFormat == "1.1" && configuration.resource.attributes.map(\.value) == ["1e5", "1e5"])
        guard case .simple(.otlp(let otlp)) = configuration.tracerProvider?.processors.first else {
            Issue.record("The processor is another.")
            return
        }
        #expect(otlp.headers.map(\.value) == ["1e5"] && otlp.timeout == .milliseconds(70))
    }

    @Test func propertiesOfPluginsAreKeptAsTheyAre() throws {
        let text = ConfigurationTexts.tracing(
            "sampler: {mine: {a: [1, 2.5, x], b: {c: true, d: }}}", exporter: "my-exporter: {config-parameter: value}")
        let provider = try #require(try parsed(text).tracerProvider)
        #expect(provider.processors == [.simple(.component(.init("my-exporter", .init(["config-parameter": .text("value")]))))])
        let properties = ConfigurationProperties([
            "a": .list([.integer(1), .number(2.5), .text("x")]), "b": .mapping(.init(["c": .boolean(true), "d": .null])),
        ])
        #expect(provider.sampler == .component(.init("mine", properties)))
        #expect(try properties.properties("b")?.boolean("c") == true && properties.list("a")?.count == 3)
        #expect(try properties.text("missing") == nil && properties.properties("b")?.text("d") == nil)
        let error = #expect(throws: ConfigurationError.self) { try properties.integer("a") }
        #expect(error?.setting == "a" && error?.expected == "a whole number")
    }
}
