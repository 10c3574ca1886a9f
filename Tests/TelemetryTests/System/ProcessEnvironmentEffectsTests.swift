// Effects of variables on the streams, headers, pages and diagnostics of a process.

import ExampleSupport
import Testing

@testable import Telemetry

@Suite(.serialized) struct ProcessEnvironmentEffectsTests {
    // MARK: Propagators

    private static let traceID = "4bf92f3577b34da6a3ce929d0e0e4736"
    private static let spanID = "00f067aa0ba902b7"

    /// The headers of other processes, by propagator.
    private static let incoming: [String: [String: String]] = [
        "tracecontext": ["traceparent": "00-\(traceID)-\(spanID)-01"],
        "b3": ["b3": "\(traceID)-\(spanID)-1"], "b3multi": ["X-B3-TraceId": traceID, "X-B3-SpanId": spanID, "X-B3-Sampled": "1"],
        "jaeger": ["uber-trace-id": "\(traceID):\(spanID):0:1"],
        "xray": ["X-Amzn-Trace-Id": "Root=1-4bf92f35-77b34da6a3ce929d0e0e4736;Parent=\(spanID);Sampled=1"],
    ]

    /// The names of the headers that are sent while a span is recorded below a request with those headers, and the span.
    private static func sent(_ value: String?, _ headers: [String: String]) async throws -> (names: Set<String>, span: ReadableSpan) {
        let memory = InMemorySpanExporter()
        let telemetry = try TelemetrySystem.start(
            detectors: [], spans: [memory], metrics: [], logs: [], environment: value.map { ["OTEL_PROPAGATORS": $0] } ?? [:])
        let parent = telemetry.propagator.extract(from: headers, into: .root)
        let span = telemetry.tracer("tests").startSpan("x", parent: parent)
        var carrier: [String: String] = [:]
        telemetry.propagator.inject(parent.with(span: span).with(baggage: Baggage.empty.setting("team", to: "jazz")), into: &carrier)
        span.end()
        await telemetry.shutdown(within: .seconds(60))
        #expect(carrier.values.contains { $0.contains("\(span.context.spanID)") } || !carrier.keys.contains { $0 != "baggage" })
        return (Set(carrier.keys.map { $0.lowercased() }), try #require(memory.finishedSpans.first))
    }

    @Test(
        arguments: [
            (nil, ["traceparent", "baggage"]), ("tracecontext", ["traceparent"]), ("baggage", ["baggage"]), ("b3", ["b3"]),
            ("b3multi", ["x-b3-traceid", "x-b3-spanid", "x-b3-sampled"]), ("jaeger", ["uber-trace-id", "uberctx-team"]), ("none", []),
            ("xray", ["x-amzn-trace-id"]), ("B3, baggage, b3", ["b3", "baggage"]), ("unheard-of", ["traceparent", "baggage"]),
            ("none,tracecontext", []),
        ] as [(String?, Set<String>)])
    func propagatorVariableSelectsInjectedHeaders(value: String?, names: Set<String>) async throws {
        #expect(try await Self.sent(value, [:]).names == names)
    }

    @Test(arguments: ["tracecontext", "b3", "b3multi", "jaeger", "xray"])
    func propagatorVariableSelectsTheExtractedParent(name: String) async throws {
        for (other, headers) in Self.incoming {
            // One header of B3 is read by both of its propagators.
            guard other == name || !(other.hasPrefix("b3") && name.hasPrefix("b3")) else { continue }
            let span = try await Self.sent(name, headers).span
            #expect((span.context.traceID.description == Self.traceID) == (other == name))
            #expect((span.parentSpanID.description == Self.spanID) == (other == name))
        }
    }

    // MARK: Clock

    @Test(arguments: [(nil, true), ("true", false), ("TRUE", false), ("false", true), ("kernel", true)] as [(String?, Bool)])
    func kernelClockVariableTurnsCycleCounterOff(value: String?, leavesItOn: Bool) throws {
        let telemetry = try TelemetrySystem.start(
            detectors: [], spans: [], metrics: [], logs: [], environment: value.map { ["OTEL_SWIFT_KERNEL_CLOCK": $0] } ?? [:])
        #expect(telemetry.tracer("tests").clock.readsCycleCounter == (leavesItOn && CycleClock.shared != nil))
    }

    // MARK: Prometheus

    private static func page(_ host: String, _ port: Int) async throws -> String {
        let url = try #require(HTTPURL("http://\(host):\(port)/metrics"))
        let response = try await HTTPClient().send(.init(method: "GET", url: url), deadline: .after(.patience))
        return String(decoding: response.body.bytes, as: UTF8.self)
    }

    @Test func prometheusVariablesSetHostAndPort() async throws {
        let port = try #require(ScriptedServer.freePort())
        let telemetry = try TelemetrySystem.start(
            detectors: [],
            environment: [
                "OTEL_TRACES_EXPORTER": "none", "OTEL_LOGS_EXPORTER": "none", "OTEL_METRICS_EXPORTER": "prometheus",
                "OTEL_EXPORTER_PROMETHEUS_HOST": "127.0.0.2", "OTEL_EXPORTER_PROMETHEUS_PORT": "\(port)",
            ])
        telemetry.meter("tests").counter("jobs").add(7)
        let page = try await Self.page("127.0.0.2", port)
        #expect(page.contains("jobs_total{") && page.contains("} 7\n"))
        await #expect(throws: HTTPClientError.self) { _ = try await Self.page("127.0.0.1", port) }
        await telemetry.shutdown(within: .seconds(60))
    }

    // MARK: Standard streams, in processes of their own

    /// Writes a mark to a stream of the child process.
    private static func mark(_ title: String, _ stream: StandardStream) { stream.write("== \(title)\n") }

    /// Returns the output of a child process between its marks.
    private static func parts(_ output: [UInt8]?) throws -> [String: String] {
        let text = String(decoding: try #require(output), as: UTF8.self)
        let parts = text.split(separator: "== ").compactMap { part -> (String, String)? in
            let lines = part.split(separator: "\n", maxSplits: 1)
            return lines.first.map { (String($0), lines.count == 2 ? String(lines[1]) : "") }
        }
        return Dictionary(parts, uniquingKeysWith: +)
    }

    /// Records a named span, counter and log record, and exports them by the variables.
    private static func record(_ environment: [String: String]) async throws {
        let telemetry = try TelemetrySystem.start(detectors: [], environment: environment)
        telemetry.tracer("tests").startSpan("some.span", parent: .root).end()
        telemetry.meter("tests").counter("some.counter").add(1)
        telemetry.logger("tests").info("some.record")
        await telemetry.shutdown(within: .seconds(60))
    }

    private static let items = ["TRACES": "some.span", "METRICS": "some.counter", "LOGS": "some.record"]
    private static let none = ["OTEL_TRACES_EXPORTER": "none", "OTEL_METRICS_EXPORTER": "none", "OTEL_LOGS_EXPORTER": "none"]

    @Test func consoleExportsTheSignalsThatSelectIt() async throws {
        let result = await #expect(processExitsWith: .success, observing: [\.standardOutputContent]) {
            for signal in Self.items.keys {
                Self.mark(signal, .output)
                try await Self.record(Self.none.merging(["OTEL_\(signal)_EXPORTER": "console"]) { _, new in new })
            }
        }
        let parts = try Self.parts(result?.standardOutputContent)
        for (signal, part) in Self.items.keys.map({ ($0, parts[$0] ?? "") }) {
            for (other, item) in Self.items { #expect(part.contains(item) == (other == signal), "\(signal): \(part)") }
            #expect(!part.contains("resource"))
        }
    }

    @Test func consoleAttributesAreOptIn() async throws {
        let result = await #expect(processExitsWith: .success, observing: [\.standardOutputContent]) {
            for (title, exporter) in [
                ("default", .console()), ("own default", ConsoleSpanExporter()), ("shown", .console(showsAttributes: true)),
            ] as [(String, ConsoleSpanExporter)] {
                Self.mark(title, .output)
                let telemetry = try TelemetrySystem.start(
                    detectors: [], spans: [.simple(exporter)], metrics: [], logs: [], environment: [:])
                telemetry.tracer("tests").startSpan("some.span", parent: .root, ["some.key": "some value"]).end()
                await telemetry.shutdown(within: .seconds(60))
            }
        }
        let parts = try Self.parts(result?.standardOutputContent)
        for (title, isShown) in [("default", false), ("own default", false), ("shown", true)] {
            let part = parts[title] ?? ""
            #expect(part.contains("some.span") && part.contains("some value") == isShown, "\(title): \(part)")
        }
    }

    @Test func flushPrintsTracesWithOpenRoots() async throws {
        let result = await #expect(processExitsWith: .success, observing: [\.standardOutputContent]) {
            let telemetry = try TelemetrySystem.start(
                detectors: [], metrics: [], logs: [], environment: ["OTEL_TRACES_EXPORTER": "console"])
            let tracer = telemetry.tracer("tests")
            let root = tracer.startSpan("some.root", parent: .root)
            tracer.startSpan("some.child", parent: Context.root.with(span: root)).end()
            Self.mark("before", .output)
            #expect(await telemetry.forceFlush(within: .seconds(60)) == .completed)
            Self.mark("after", .output)
            root.end()
            await telemetry.shutdown(within: .seconds(60))
        }
        let parts = try Self.parts(result?.standardOutputContent)
        #expect(parts["before"]?.contains("some.child") == true && parts["before"]?.contains("some.root") == false)
        #expect(parts["after"]?.contains("some.root") == true)
    }

    @Test func otlpStdoutExportsTheSignalsThatSelectIt() async throws {
        let result = await #expect(processExitsWith: .success, observing: [\.standardOutputContent]) {
            for signal in Self.items.keys {
                Self.mark(signal, .output)
                try await Self.record(Self.none.merging(["OTEL_\(signal)_EXPORTER": "otlp/stdout"]) { _, new in new })
            }
        }
        let parts = try Self.parts(result?.standardOutputContent)
        for (signal, field) in [("TRACES", "resourceSpans"), ("METRICS", "resourceMetrics"), ("LOGS", "resourceLogs")] {
            let part = parts[signal] ?? ""
            #expect(part.hasPrefix("{\"\(field)\":["), "\(signal): \(part)")
            for (other, item) in Self.items { #expect(part.contains(item) == (other == signal)) }
        }
    }

    @Test func invalidVariablesAreReported() async throws {
        let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
            // In two starts: so many messages at once would be held back.
            for names in [Self.variables.prefix(20), Self.variables.dropFirst(20)] {
                Diagnostics.setHandler(nil)
                let environment = Dictionary(uniqueKeysWithValues: names.map { ($0, "-un=usable,") })
                let exporters = ["OTEL_TRACES_EXPORTER": "otlp", "OTEL_METRICS_EXPORTER": "otlp", "OTEL_LOGS_EXPORTER": "otlp"]
                let telemetry = try TelemetrySystem.start(detectors: [], environment: exporters.merging(environment) { _, new in new })
                await telemetry.shutdown(within: .seconds(60))
            }
        }
        let text = String(decoding: try #require(result?.standardErrorContent), as: UTF8.self)
        for name in Self.variables { #expect(text.contains("\(name): \""), "\(name) is not reported.") }
    }

    private static let variables = [
        "OTEL_LOG_LEVEL", "OTEL_SDK_DISABLED", "OTEL_PROPAGATORS", "OTEL_TRACES_SAMPLER", "OTEL_TRACES_EXPORTER", "OTEL_METRICS_EXPORTER",
        "OTEL_LOGS_EXPORTER", "OTEL_METRICS_EXEMPLAR_FILTER", "OTEL_METRIC_EXPORT_INTERVAL", "OTEL_METRIC_EXPORT_TIMEOUT",
        "OTEL_BSP_SCHEDULE_DELAY", "OTEL_BSP_EXPORT_TIMEOUT", "OTEL_BSP_MAX_QUEUE_SIZE", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE",
        "OTEL_BLRP_SCHEDULE_DELAY", "OTEL_BLRP_EXPORT_TIMEOUT", "OTEL_BLRP_MAX_QUEUE_SIZE", "OTEL_BLRP_MAX_EXPORT_BATCH_SIZE",
        "OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN", "OTEL_ATTRIBUTE_COUNT_LIMIT", "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT",
        "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", "OTEL_SPAN_EVENT_COUNT_LIMIT",
        "OTEL_SPAN_LINK_COUNT_LIMIT", "OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT", "OTEL_LINK_ATTRIBUTE_COUNT_LIMIT",
        "OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT", "OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT", "OTEL_EXPORTER_OTLP_PROTOCOL",
        "OTEL_EXPORTER_OTLP_TIMEOUT", "OTEL_EXPORTER_OTLP_COMPRESSION", "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE",
        "OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION",
    ]

    @Test func logLevelVariableFiltersDiagnostics() async throws {
        let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
            for level in ["none", "error", "warn", "info", "debug", "nonsense", ""] {
                // A new handler writes to standard error and has no reports yet.
                Diagnostics.setHandler(nil)
                Diagnostics.setMinimumSeverity(EnvironmentReader(["OTEL_LOG_LEVEL": "info"]))
                Self.mark("level \(level)", .error)
                // A sampler that is not known is a warning, and an address that is not this machine's an error.
                let environment = [
                    "OTEL_LOG_LEVEL": level, "OTEL_TRACES_SAMPLER": "some warning", "OTEL_METRICS_EXPORTER": "prometheus",
                    "OTEL_EXPORTER_PROMETHEUS_HOST": "192.0.2.1", "OTEL_TRACES_EXPORTER": "none", "OTEL_LOGS_EXPORTER": "none",
                ]
                let telemetry = try TelemetrySystem.start(detectors: [], environment: environment)
                Diagnostics.report(.info, "some information")
                Diagnostics.report(.debug, "some detail")
                await telemetry.shutdown(within: .seconds(60))
            }
        }
        let parts = try Self.parts(result?.standardErrorContent)
        let messages = ["192.0.2.1", "some warning", "some information", "some detail"]
        for (level, count) in [("none", 0), ("error", 1), ("warn", 2), ("info", 3), ("debug", 4), ("nonsense", 3), ("", 3)] {
            let part = parts["level \(level)"] ?? ""
            #expect(messages.filter { part.contains($0) } == Array(messages.prefix(count)), "\(level): \(part)")
            #expect(part.contains("OTEL_LOG_LEVEL: \"nonsense\" cannot be used") == (level == "nonsense"))
        }
    }
}
