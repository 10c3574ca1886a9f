// What the start of telemetry reports about variables that cannot be used: what would be right, and what is used instead.

import Synchronization
import Testing

@testable import Telemetry

@Suite(.serialized) struct EnvironmentReportTests {
    /// Starts telemetry with an environment; returns its reports about variables.
    private static func reports(_ environment: [String: String]) throws -> [String] {
        try EnvironmentComplaints.collect {
            let system = try TelemetrySystem.start(detectors: [], environment: environment)
            _ = system.requests(isShutdown: true, .after(.seconds(60)))
        }.complaints
    }

    @Test(
        arguments: [
            ("OTEL_BSP_SCHEDULE_DELAY", "abc", "milliseconds, a whole number from 0; 5000 is used"),
            ("OTEL_BLRP_SCHEDULE_DELAY", "-1", "milliseconds, a whole number from 0; 1000 is used"),
            ("OTEL_BSP_EXPORT_TIMEOUT", "99999999999999999999", "milliseconds, a whole number from 0 to 9223372036854; 30000 is used"),
            ("OTEL_BLRP_EXPORT_TIMEOUT", "1s", "milliseconds, a whole number from 0; 30000 is used"),
            ("OTEL_BSP_MAX_QUEUE_SIZE", "0", "a whole number from 1 to 1000000000; 2048 is used"),
            ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "3000", "at most the queue's size, 2048; 512 is used"),
            ("OTEL_METRIC_EXPORT_INTERVAL", "0", "milliseconds, a whole number from 1; 60000 is used"),
            ("OTEL_METRIC_EXPORT_TIMEOUT", "x", "milliseconds, a whole number from 0; 30000 is used"),
            ("OTEL_SPAN_EVENT_COUNT_LIMIT", "x", "a whole number from 0 to 2147483647; 128 is used"),
            ("OTEL_ATTRIBUTE_COUNT_LIMIT", "x", "a whole number from 0 to 2147483647; 128 is used"),
            ("OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", "x", "a whole number from 0 to 2147483647; there is no limit"),
            (
                "OTEL_TRACES_SAMPLER", "xray",
                "always_on, always_off, traceidratio, ratelimited, jaeger_remote, or one of them after parentbased_; parentbased_always_on is used"
            ),
            ("OTEL_TRACES_EXPORTER", "jaeger", "otlp, otlp/stdout or console, several separated by commas, or none; otlp is used"),
            ("OTEL_LOGS_EXPORTER", "syslog", "otlp, otlp/stdout or console, several separated by commas, or none; otlp is used"),
            (
                "OTEL_METRICS_EXPORTER", "statsd",
                "otlp, otlp/stdout, prometheus or console, several separated by commas, or none; otlp is used"
            ),
            ("OTEL_METRICS_EXEMPLAR_FILTER", "some", "always_on, always_off or trace_based; trace_based is used"),
            (
                "OTEL_PROPAGATORS", "ottrace",
                "tracecontext, baggage, b3, b3multi, jaeger, xray or none, several separated by commas; tracecontext and baggage are used"
            ),
            ("OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN", "both", "logs or logs/dup; errors become events of their spans"),
            ("OTEL_SDK_DISABLED", "yes", "true or false; false is used"),
            ("OTEL_LOG_LEVEL", "loud", "none, error, warn, info or debug; info is used"),
            ("OTEL_EXPORTER_OTLP_TIMEOUT", "soon", "milliseconds, a whole number from 0; 10000 is used"),
            ("OTEL_EXPORTER_OTLP_COMPRESSION", "brotli", "gzip, zstd or none; none is used"),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "smoke", "grpc, http/protobuf or http/json; http/protobuf is used"),
            ("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "low", "cumulative, delta or lowmemory; cumulative is used"),
            (
                "OTEL_EXPORTER_OTLP_ENDPOINT", "127.0.0.1:4318",
                "a URL as http://collector:4318 or https://collector:4318, or unix:/path/of/a/socket;"
                    + " spans, metrics and log records are not exported, but for a signal with a variable of its own"
            ),
            (
                "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", "collector",
                "a URL as http://collector:4318 or https://collector:4318, or unix:/path/of/a/socket; no log records are exported"
            ),
        ] as [(String, String, String)])
    func unusableValueIsReportedOnceWithWhatIsUsed(variable: String, value: String, expected: String) throws {
        #expect(try Self.reports([variable: value]) == ["\(variable): \"\(value)\" cannot be used; expected \(expected)."])
    }

    @Test func unusableShareSaysThatEveryTraceIsKept() throws {
        #expect(
            try Self.reports(["OTEL_TRACES_SAMPLER": "traceidratio", "OTEL_TRACES_SAMPLER_ARG": "10%"])
                == ["OTEL_TRACES_SAMPLER_ARG: \"10%\" cannot be used; expected a number from 0.0 to 1.0; 1.0 is used: every trace is kept."]
        )
    }

    @Test func unusableVariableOfASignalNamesTheGeneralOneThatIsUsed() throws {
        let limits = ["OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT": "x", "OTEL_ATTRIBUTE_COUNT_LIMIT": "7"]
        #expect(try Self.reports(limits).first?.hasSuffix("2147483647; OTEL_ATTRIBUTE_COUNT_LIMIT is used.") == true)
        let timeouts = ["OTEL_EXPORTER_OTLP_TRACES_TIMEOUT": "x", "OTEL_EXPORTER_OTLP_TIMEOUT": "7"]
        #expect(try Self.reports(timeouts).first?.hasSuffix("from 0; OTEL_EXPORTER_OTLP_TIMEOUT is used.") == true)
    }

    @Test func unknownNamesBesideKnownOnesAreLeftOut() throws {
        let reports = try Self.reports(["OTEL_TRACES_EXPORTER": "jaeger,none,zipkin"])
        #expect(reports.count == 1 && reports[0].hasPrefix("OTEL_TRACES_EXPORTER: \"jaeger,zipkin\" cannot be used"))
        #expect(reports[0].hasSuffix("; only the others are used."))
    }

    @Test(
        arguments: [
            ("team=a,b", "pair 2 after \"team\" has no equals sign"), ("secret", "pair 1 has no equals sign"),
            ("a=1,b=2,=secret", "pair 3 after \"b\" has no name"),
            ("a=1,b=%zz", "pair 2 after \"a\" named \"b\" has a value that is not percent-encoded UTF-8"),
            ("%FF=secret", "pair 1 has a name that is not percent-encoded UTF-8"),
        ])
    func wrongPairIsNamedByItsPositionWithoutItsValue(value: String, problem: String) throws {
        for variable in ["OTEL_RESOURCE_ATTRIBUTES", "OTEL_EXPORTER_OTLP_HEADERS"] {
            let expected = "pairs name=value separated by commas, with %2C for a comma, but \(problem); the whole variable is left out"
            #expect(try Self.reports([variable: value]) == ["\(variable): \"…\" cannot be used; expected \(expected)."])
        }
    }

    // MARK: Hints about values that can be used

    private static func hint(_ environment: [String: String], containing text: String) -> String? {
        diagnostic(containing: text) {
            let system = try? TelemetrySystem.start(detectors: [], environment: environment)
            _ = system?.requests(isShutdown: true, .after(.seconds(60)))
        }?.message
    }

    @Test(
        arguments: [
            (nil, "OTEL_TRACES_SAMPLER is not set, and parentbased_always_on is used"),
            ("always_on", "the sampler always_on takes none"), ("parentbased_always_off", "the sampler parentbased_always_off takes none"),
        ] as [(String?, String)])
    func argumentThatNoSamplerTakesIsReported(sampler: String?, reason: String) {
        var environment = ["OTEL_TRACES_SAMPLER_ARG": "0.1"]
        environment["OTEL_TRACES_SAMPLER"] = sampler
        #expect(
            Self.hint(environment, containing: "has no effect, since \(reason)")
                == "OTEL_TRACES_SAMPLER_ARG: \"0.1\" has no effect, since \(reason); OTEL_TRACES_SAMPLER=parentbased_traceidratio takes a share."
        )
    }

    @Test func baseEndpointWithPathOfASignalSaysWhereAllSignalsGo() throws {
        let base = "http://127.0.0.1:1/repaired"
        let message = try Self.hint(["OTEL_EXPORTER_OTLP_ENDPOINT": "\(base)/v1/logs"], containing: "/repaired/v1/logs").unwrapped()
        #expect(
            message.hasPrefix("OTEL_EXPORTER_OTLP_ENDPOINT is \(base)/v1/logs, which ends in v1/logs already. Expected is a base address"))
        #expect(message.hasSuffix(": spans to \(base)/v1/traces, metrics to \(base)/v1/metrics, log records to \(base)/v1/logs."))
    }

    @Test(arguments: [("TRACES", "spans", "v1/traces"), ("METRICS", "metrics", "v1/metrics"), ("LOGS", "log records", "v1/logs")])
    func endpointOfASignalWithoutPathIsQuestioned(signal: String, items: String, path: String) {
        let variable = "OTEL_EXPORTER_OTLP_\(signal)_ENDPOINT"
        #expect(
            Self.hint([variable: "http://127.0.0.1:1"], containing: "did you mean http://127.0.0.1:1/\(path)")
                == "\(variable): \(items) are sent to http://127.0.0.1:1/, since a signal's own endpoint is used as it is given;"
                + " did you mean http://127.0.0.1:1/\(path)?")
    }

    @Test func endpointOfASignalWithPathIsNotQuestioned() throws {
        let messages = Mutex<[String]>([])
        Diagnostics.setHandler { diagnostic in messages.withLock { $0.append(diagnostic.message) } }
        defer { Diagnostics.setHandler(nil) }
        for url in ["http://not-questioned:1/", "http://not-questioned:1/own"] {
            _ = try OTLPSettings(.traces, OTLPOptions(), EnvironmentReader(["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": url]))
        }
        _ = TracingEnvironment.sampler(EnvironmentReader(["OTEL_TRACES_SAMPLER": "traceidratio", "OTEL_TRACES_SAMPLER_ARG": "0.123"]))
        #expect(messages.withLock { $0.allSatisfy { !$0.contains("not-questioned") && !$0.contains("\"0.123\" has no effect") } })
    }
}
