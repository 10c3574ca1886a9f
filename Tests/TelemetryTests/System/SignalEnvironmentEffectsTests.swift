// Effects of the variables for all signals, metrics and logs on a receiver.

import ExampleSupport
import Testing

@testable import Telemetry

@Suite(.serialized) struct SignalEnvironmentEffectsTests {
    /// Returns the requests for one span, one counter, one histogram and one log record.
    private static func requests(_ environment: [String: String], _ signalURL: String? = nil) async throws -> [HTTPRequest] {
        let receiver = try ScriptedReceiver()
        var environment = environment
        environment["OTEL_EXPORTER_OTLP_ENDPOINT"] = receiver.url
        if let signalURL { environment[signalURL] = receiver.url + "/own" }
        if environment["OTEL_EXPORTER_OTLP_PROTOCOL"] == nil { environment["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/json" }
        let telemetry = try TelemetrySystem.start(detectors: [], environment: environment)
        let span = telemetry.tracer("tests").startSpan("x", parent: .root)
        telemetry.meter("tests").counter("jobs").add(1)
        telemetry.meter("tests").histogram("sizes", unit: "By").record(5.0)
        telemetry.logger("tests").info("message", ["a": "long", "b": 2])
        span.end()
        await telemetry.shutdown(within: .seconds(60))
        let requests = receiver.requests
        await receiver.stop()
        return requests
    }

    private static func text(_ requests: [HTTPRequest], _ path: String) -> String {
        requests.filter { $0.target == path }.map { String(decoding: $0.body, as: UTF8.self) }.joined()
    }

    @Test(arguments: ["TRACES", "METRICS", "LOGS"])
    func noneDisablesOnlyItsSignal(signal: String) async throws {
        let targets = Set(try await Self.requests(["OTEL_\(signal)_EXPORTER": "none"]).map(\.target))
        #expect(targets == Set(["/v1/traces", "/v1/metrics", "/v1/logs"]).subtracting(["/v1/\(signal.lowercased())"]))
    }

    @Test(arguments: ["TRACES", "METRICS", "LOGS"])
    func unknownExporterIsIgnoredAndDefaultsToOTLP(signal: String) async throws {
        let all = Set(["/v1/traces", "/v1/metrics", "/v1/logs"])
        #expect(Set(try await Self.requests(["OTEL_\(signal)_EXPORTER": "unheard-of"]).map(\.target)) == all)
        #expect(Set(try await Self.requests(["OTEL_\(signal)_EXPORTER": " , OTLP ,unheard-of"]).map(\.target)) == all)
        let without = Set(try await Self.requests(["OTEL_\(signal)_EXPORTER": "unheard-of,none"]).map(\.target))
        #expect(without == all.subtracting(["/v1/\(signal.lowercased())"]))
    }

    @Test func disabledSystemExportsNothing() async throws {
        #expect(try await Self.requests(["OTEL_SDK_DISABLED": "true"]).isEmpty)
        #expect(try await Self.requests(["OTEL_SDK_DISABLED": "no"]).count >= 3)
    }

    @Test(arguments: ["TRACES", "METRICS", "LOGS"])
    func signalEndpointAndHeadersBeatGeneralOnes(signal: String) async throws {
        let requests = try await Self.requests(
            ["OTEL_EXPORTER_OTLP_HEADERS": "x-key=general", "OTEL_EXPORTER_OTLP_\(signal)_HEADERS": "x-key=own"],
            "OTEL_EXPORTER_OTLP_\(signal)_ENDPOINT")
        let own = requests.filter { $0.target == "/own" }
        #expect(!own.isEmpty && own.allSatisfy { $0.headers["x-key"] == "own" })
        let others = requests.filter { $0.target != "/own" }
        #expect(Set(others.map(\.target)).count == 2 && others.allSatisfy { $0.headers["x-key"] == "general" })
    }

    @Test(arguments: ["TRACES", "METRICS", "LOGS"])
    func signalProtocolAndCompressionBeatGeneralOnes(signal: String) async throws {
        let requests = try await Self.requests([
            "OTEL_EXPORTER_OTLP_PROTOCOL": "http/json", "OTEL_EXPORTER_OTLP_\(signal)_PROTOCOL": "http/protobuf",
            "OTEL_EXPORTER_OTLP_COMPRESSION": "gzip", "OTEL_EXPORTER_OTLP_\(signal)_COMPRESSION": "none",
        ])
        #expect(Set(requests.map(\.target)).count == 3)
        for request in requests {
            let isOwn = request.target == "/v1/\(signal.lowercased())"
            #expect(request.headers["Content-Type"] == (isOwn ? "application/x-protobuf" : "application/json"))
            #expect(request.headers["Content-Encoding"] == (isOwn ? nil : "gzip"))
        }
    }

    @Test(arguments: [(nil, "2"), ("cumulative", "2"), ("delta", "1"), ("lowmemory", "1")] as [(String?, String)])
    func temporalityVariableAppliesToMetrics(preference: String?, expected: String) async throws {
        var environment: [String: String] = [:]
        environment["OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE"] = preference
        let body = Self.text(try await Self.requests(environment), "/v1/metrics")
        #expect(body.contains("\"aggregationTemporality\":\(expected)"))
        #expect(!body.contains("\"aggregationTemporality\":\(expected == "1" ? "2" : "1")"))
    }

    @Test func histogramAggregationVariableApplies() async throws {
        let variable = "OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION"
        let exponential = Self.text(try await Self.requests([variable: "base2_exponential_bucket_histogram"]), "/v1/metrics")
        #expect(exponential.contains("\"exponentialHistogram\""))
        let explicit = Self.text(try await Self.requests([:]), "/v1/metrics")
        #expect(explicit.contains("\"histogram\"") && !explicit.contains("\"exponentialHistogram\""))
    }

    /// The kinds of instruments that export deltas.
    @Test(
        arguments: [
            ("cumulative", []), ("delta", ["counter", "observed", "histogram"]), ("LowMemory", ["counter", "histogram"]), ("nonsense", []),
        ] as [(String, Set<String>)])
    func temporalityVariableAppliesByInstrumentKind(preference: String, expected: Set<String>) async throws {
        let receiver = try ScriptedReceiver()
        let telemetry = try TelemetrySystem.start(
            detectors: [], spans: [], logs: [],
            environment: [
                "OTEL_EXPORTER_OTLP_ENDPOINT": receiver.url, "OTEL_EXPORTER_OTLP_PROTOCOL": "http/json",
                "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE": preference,
            ])
        let meter = telemetry.meter("tests")
        meter.counter("counter").add(1)
        meter.upDownCounter("both ways").add(1)
        meter.histogram("histogram").record(1.0)
        meter.observableCounter("observed") { $0.observe(1) }
        meter.observableUpDownCounter("observed both ways") { $0.observe(1) }
        #expect(await telemetry.shutdown(within: .seconds(60)) == .completed)
        let read = try JSONReader.value(of: Array(Self.text(receiver.requests, "/v1/metrics").utf8))
        let scopes = (read["resourceMetrics"]?.elements ?? []).flatMap { $0["scopeMetrics"]?.elements ?? [] }
        let metrics = scopes.flatMap { $0["metrics"]?.elements ?? [] }
        let deltas = metrics.filter { ($0["sum"] ?? $0["histogram"])?["aggregationTemporality"]?.number == 1 }
        #expect(metrics.count == 5 && Set(deltas.compactMap { $0["name"]?.text }) == expected)
        await receiver.stop()
    }

    @Test(
        arguments: [
            (nil, ["sampled"]), ("trace_based", ["sampled"]), ("always_on", ["sampled", "unsampled", "alone"]), ("ALWAYS_OFF", []),
            ("nonsense", ["sampled"]),
        ] as [(String?, Set<String>)])
    func exemplarFilterVariableApplies(value: String?, expected: Set<String>) async throws {
        let memory = InMemoryMetricExporter()
        let telemetry = try TelemetrySystem.start(
            detectors: [], spans: [InMemorySpanExporter()], metrics: [.periodic(memory)], logs: [],
            environment: value.map { ["OTEL_METRICS_EXEMPLAR_FILTER": $0] } ?? [:])
        let counter = telemetry.meter("tests").counter("jobs")
        for isSampled in [true, false] {
            let parent = Context.root.with(spanContext: .madeUp(isSampled: isSampled))
            telemetry.tracer("tests").withSpan("x", parent: parent) { _ in
                counter.add(1, ["where": isSampled ? "sampled" : "unsampled"])
            }
        }
        counter.add(1, ["where": "alone"])
        await telemetry.shutdown(within: .seconds(60))
        let points = memory.points(of: "jobs")?.numbers ?? []
        #expect(points.count == 3)
        #expect(Set(points.filter { !$0.exemplars.isEmpty }.compactMap { $0.attributes["where"]?.stringValue }) == expected)
    }

    @Test func exportIntervalVariableApplies() async throws {
        let receiver = try ScriptedReceiver()
        let telemetry = try TelemetrySystem.start(
            detectors: [], spans: [], logs: [],
            environment: ["OTEL_EXPORTER_OTLP_ENDPOINT": receiver.url, "OTEL_METRIC_EXPORT_INTERVAL": "20"])
        telemetry.meter("tests").counter("jobs").add(1)
        // The default of a minute would not come to five collections.
        #expect(await eventually { receiver.requests.count >= 5 })
        await telemetry.shutdown(within: .seconds(60))
        await receiver.stop()
    }

    @Test(
        arguments: [
            "OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT", "OTEL_ATTRIBUTE_COUNT_LIMIT", "OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT",
            "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT",
        ])
    func limitsHoldForExportedLogRecords(variable: String) async throws {
        let body = Self.text(try await Self.requests([variable: "1"]), "/v1/logs")
        #expect(body.contains("\"message\""))
        if variable.contains("COUNT") {
            #expect(body.contains("\"droppedAttributesCount\":1"))
        } else {
            #expect(body.contains("\"stringValue\":\"l\"") && !body.contains("\"long\""))
        }
    }

    @Test(arguments: [(nil, 128), ("0", 0), ("-1", 128)] as [(String?, Int)])
    func logRecordHolds128AttributesUnlessTheVariableSaysOtherwise(value: String?, count: Int) async throws {
        let memory = InMemoryLogExporter()
        let telemetry = try TelemetrySystem.start(
            detectors: [], spans: [], metrics: [], logs: [memory],
            environment: value.map { ["OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT": $0] } ?? [:])
        telemetry.logger("tests").info("message", Attributes((0..<130).map { ("\($0)", AttributeValue($0)) }))
        await telemetry.shutdown(within: .seconds(60))
        let record = try #require(memory.finishedRecords.first)
        #expect(record.attributes.count == count && record.droppedAttributeCount == 130 - count)
    }

    @Test func logRecordLimitVariablesBeatAttributeLimitVariables() async throws {
        let counted = Self.text(
            try await Self.requests(["OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT": "1", "OTEL_ATTRIBUTE_COUNT_LIMIT": "0"]), "/v1/logs")
        #expect(counted.contains("\"droppedAttributesCount\":1") && counted.contains("\"long\""))
        let cut = Self.text(
            try await Self.requests(["OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT": "2", "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT": "1"]),
            "/v1/logs")
        #expect(cut.contains("\"stringValue\":\"lo\""))
        // Variables for spans do not apply to log records.
        let others = Self.text(
            try await Self.requests(["OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT": "1", "OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT": "1"]), "/v1/logs")
        #expect(others.contains("\"long\"") && !others.contains("droppedAttributesCount"))
    }

    @Test func batchSizeVariableAppliesToLogRecords() async throws {
        let receiver = try ScriptedReceiver()
        let telemetry = try TelemetrySystem.start(
            detectors: [], spans: [], metrics: [],
            environment: [
                "OTEL_EXPORTER_OTLP_ENDPOINT": receiver.url, "OTEL_BLRP_MAX_EXPORT_BATCH_SIZE": "2",
                "OTEL_BLRP_SCHEDULE_DELAY": "3600000",
            ])
        for _ in 0..<6 { telemetry.logger("tests").info("x") }
        await telemetry.shutdown(within: .seconds(60))
        let sizes = try receiver.requests.map { try OTLPLogsRequest.decode($0.body).count }
        #expect(sizes.reduce(0, +) == 6 && sizes.allSatisfy { $0 <= 2 })
        await receiver.stop()
    }
}
