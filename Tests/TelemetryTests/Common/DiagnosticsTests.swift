// The handler of diagnostics, and the messages that reach it.

import Synchronization
import Testing

@testable import Telemetry

@Suite(.serialized) struct DiagnosticsTests {
    /// Takes messages, from whatever test they come.
    private final class Recorder: Sendable {
        private let messages = Mutex<[Diagnostic]>([])

        func record(_ diagnostic: Diagnostic) { messages.withLock { $0.append(diagnostic) } }

        var all: [String] { messages.withLock { $0.map(\.message) } }

        func count(_ text: String) -> Int { messages.withLock { $0.count { $0.message == text } } }

        func count(containing text: String) -> Int { messages.withLock { $0.count { $0.message.contains(text) } } }
    }

    @Test func configurationFileIsReportedWhenTelemetryStarts() async throws {
        let recorder = Recorder()
        Diagnostics.setHandler { recorder.record($0) }
        defer { Diagnostics.setHandler(nil) }
        let directory = try TemporaryDirectory()
        try directory.write(Array("{\"file_format\": \"1.1\"}".utf8), to: "otel.json")
        let file = "\(directory.path)/otel.json"
        for _ in 0..<2 {
            let telemetry = try TelemetrySystem.start(environment: ["OTEL_CONFIG_FILE": file])
            await telemetry.shutdown(within: .seconds(60))
        }
        #expect(recorder.count(containing: "Telemetry is configured by \(file) (OTEL_CONFIG_FILE)") == 1)
    }

    @Test func endpointWithSignalPathIsReportedOnce() throws {
        let recorder = Recorder()
        Diagnostics.setHandler { recorder.record($0) }
        defer { Diagnostics.setHandler(nil) }
        let endpoint = "http://user:secret@ends-in-path:4318/v1/metrics"
        for _ in 0..<2 { _ = try OTLPSettings(.metrics, OTLPOptions(endpoint: endpoint), EnvironmentReader([:])) }
        _ = try OTLPSettings(.traces, OTLPOptions(endpoint: "http://base-address:4318"), EnvironmentReader([:]))
        let expected = "endpoint is http://ends-in-path:4318/v1/metrics, which ends in v1/metrics already"
        #expect(recorder.count(containing: expected) == 1)
        #expect(recorder.count(containing: "base-address") == 0 && recorder.count(containing: "secret") == 0)
    }

    @Test func debugLevelReportsEffectiveConfigurationAndExportsWithoutSecrets() async throws {
        let recorder = Recorder()
        Diagnostics.setHandler { recorder.record($0) }
        Diagnostics.setMinimumSeverity(.debug)
        defer {
            Diagnostics.setMinimumSeverity(.info)
            Diagnostics.setHandler(nil)
        }
        let environment = [
            "OTEL_LOG_LEVEL": "debug", "OTEL_EXPORTER_OTLP_HEADERS": "api-key=hidden", "OTEL_EXPORTER_OTLP_COMPRESSION": "gzip",
            "OTEL_EXPORTER_OTLP_ENDPOINT": "http://user:hidden@debug-level:4318", "OTEL_TRACES_SAMPLER": "always_on",
            "OTEL_BSP_MAX_QUEUE_SIZE": "77", "OTEL_METRIC_EXPORT_INTERVAL": "123000", "OTEL_SERVICE_NAME": "debugged",
            "OTEL_PROPAGATORS": "b3", "OTEL_SWIFT_KERNEL_CLOCK": "true",
        ]
        let telemetry = try TelemetrySystem.start(spans: nil, logs: [.simple(InMemoryLogExporter())], environment: environment)
        telemetry.logger("debug").info("exported")
        _ = await telemetry.forceFlush(within: .seconds(60))
        for expected in [
            "service.name: debugged", "by the headers: b3", "by the kernel's clock", "AlwaysOn",
            "queue of 77, batches of", "every 123.0 seconds",
            "spans go to http://debug-level:4318/v1/traces, http/protobuf, compression gzip, timeout 10.0 seconds, headers api-key=***",
            "to InMemoryLogExporter: 1 log record delivered.",
        ] {
            #expect(recorder.count(containing: expected) == 1, "\(expected): \(recorder.all)")
        }
        #expect(recorder.count(containing: "hidden") == 0)
        _ = await telemetry.shutdown(within: .zero)
    }

    @Test func replacedHandlerReceivesMessagesAndNilRestoresDefault() {
        let recorder = Recorder()
        Diagnostics.setHandler { recorder.record($0) }
        defer { Diagnostics.setHandler(nil) }
        // Other tests may have used up the messages of this window; a topic that was left out for that is not silenced.
        let deadline = Deadline.after(.seconds(60))
        while recorder.count("It was replaced.") == 0, !deadline.hasPassed {
            Diagnostics.report(.error, topic: "test.replaced", "It was replaced.")
        }
        #expect(recorder.count("It was replaced.") == 1)
        Diagnostics.report(.error, topic: "test.replaced", "It was replaced.")
        #expect(recorder.count("It was replaced.") == 1, "A topic is reported once in a while only.")
        Diagnostics.setHandler { _ in }
        Diagnostics.report(.error, topic: "test.taken away", "It was replaced.")
        #expect(recorder.count("It was replaced.") == 1)
    }

    @Test func newHandlerStartsWithFreshRateLimit() {
        let (first, second) = (Recorder(), Recorder())
        defer { Diagnostics.setHandler(nil) }
        for recorder in [first, second] {
            Diagnostics.setHandler { recorder.record($0) }
            for _ in 0..<3 { Diagnostics.report(.error, topic: "test.told again", "It was told again.") }
            // As many as are let through at all: the next handler begins anew.
            for number in 0..<100 { Diagnostics.report(.error, "Number \(number).") }
        }
        #expect(first.count("It was told again.") == 1 && second.count("It was told again.") == 1)
        #expect(second.count("Number 0.") == 1 && second.count("Number 99.") == 0)
    }

    @Test func handlerMayReportRecursively() {
        Diagnostics.setHandler { _ in Diagnostics.report(.error, topic: "test.nested", "From within.") }
        defer { Diagnostics.setHandler(nil) }
        Diagnostics.report(.error, topic: "test.outer", "From without.")
    }

    @Test func discardsByLimitsAreReportedOncePerSpanAndRateLimitedPerScope() {
        let recorder = Recorder()
        Diagnostics.setHandler { recorder.record($0) }
        defer { Diagnostics.setHandler(nil) }
        let limits = SpanLimits(attributeCount: 1, eventCount: 1, linkCount: 1, eventAttributeCount: 1, linkAttributeCount: 1)
        let changes: [(String, (TraceSpan) -> Void)] = [
            ("attributes", { span in for key in ["a", "b", "c"] { span[key] = 1 } }),
            ("events", { span in for _ in 0..<3 { span.addEvent("x") } }),
            ("links", { span in for _ in 0..<3 { span.addLink(.madeUp()) } }), ("event", { $0.addEvent("x", ["a": 1, "b": 2]) }),
            ("link", { $0.addLink(.madeUp(), ["a": 1, "b": 2]) }),
        ]
        let recording = Recording(limits: limits)
        for (name, change) in changes {
            let tracer = recording.provider.tracer(InstrumentationScope(name: "limits of \(name)"))
            func end() {
                let span = tracer.startSpan("reported", parent: .root)
                change(span)
                span.end()
                span.end()
            }
            let deadline = Deadline.after(.seconds(60))
            while recorder.count(containing: "\"limits of \(name)\"") == 0, !deadline.hasPassed { end() }
            #expect(recorder.count(containing: "\"limits of \(name)\"") == 1)
            end()
            #expect(recorder.count(containing: "\"limits of \(name)\"") == 1)
        }
        recording.provider.tracer(InstrumentationScope(name: "within limits")).startSpan("work", parent: .root, ["a": 1]).end()
        #expect(recorder.count(containing: "within limits") == 0)
    }

    @Test func mergeOfConflictingSchemaURLsIsReported() {
        let recorder = Recorder()
        Diagnostics.setHandler { recorder.record($0) }
        defer { Diagnostics.setHandler(nil) }
        func merge(_ old: String, _ updating: String) {
            _ = Resource(attributes: [:], schemaURL: old).merging(Resource(attributes: [:], schemaURL: updating))
        }
        for (old, updating) in [("", ""), ("", "b"), ("a", ""), ("a", "a")] { merge(old, updating) }
        #expect(recorder.count(containing: "Two resources with the schema URLs") == 0)
        let deadline = Deadline.after(.seconds(60))
        while recorder.count(containing: "schema URLs a and b were merged") == 0, !deadline.hasPassed { merge("a", "b") }
        #expect(recorder.count(containing: "schema URLs a and b were merged") == 1)
    }

    @Test func tracerWithoutNameIsReportedIfRecording() {
        let recorder = Recorder()
        Diagnostics.setHandler { recorder.record($0) }
        defer { Diagnostics.setHandler(nil) }
        let idle = TracerProvider(
            resource: .empty, sampler: .alwaysOn, limits: SpanLimits(), processors: [], idGenerator: nil, clock: .system, isOff: true)
        let nameless = InstrumentationScope(name: "", version: "of the nameless")
        _ = idle.tracer(nameless)
        #expect(recorder.count(containing: "of the nameless") == 0)
        let recording = Recording()
        // Other tests may have used up the messages of this window.
        let deadline = Deadline.after(.seconds(60))
        while recorder.count(containing: "of the nameless") == 0, !deadline.hasPassed { _ = recording.provider.tracer(nameless) }
        #expect(recorder.count(containing: "of the nameless") == 1)
    }

    @Test func suppressedMessageIsNotEvaluated() {
        var isMade = false
        func message() -> String {
            isMade = true
            return "Never said."
        }
        Diagnostics.report(.debug, message())
        #expect(!isMade)
    }

    @Test func severityChosenByTheProgramIsKeptOverTheDefault() {
        let recorder = Recorder()
        Diagnostics.setHandler { recorder.record($0) }
        defer { Diagnostics.setHandler(nil) }
        Diagnostics.setMinimumSeverity(.info)
        Diagnostics.setDefaultMinimumSeverity(.debug)
        defer { Diagnostics.setMinimumSeverity(.info) }
        Diagnostics.report(.debug, "Below the severity that was chosen.")
        #expect(recorder.count("Below the severity that was chosen.") == 0)
    }

    @Test func negativeCounterInPrometheusTextIsReported() {
        let recorder = Recorder()
        Diagnostics.setHandler { recorder.record($0) }
        defer { Diagnostics.setHandler(nil) }
        let page = PrometheusSamples.page([PrometheusSamples.counter("negative.in.text", [PrometheusSamples.point(-1)])])
        #expect(!page.contains("-1"))
        #expect(recorder.count(containing: "The metric \"negative.in.text\" has values on Prometheus' page") == 1)
    }
}
