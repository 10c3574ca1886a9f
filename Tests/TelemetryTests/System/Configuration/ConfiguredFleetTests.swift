// Fleets of configuration files.

import Testing

@testable import Telemetry

struct ConfiguredFleetTests {
    private static func text(_ distribution: String, exporter: String) -> String {
        """
        {"file_format": "1.1",
         "tracer_provider": {"processors": [{"batch": {"exporter": {\(exporter)}}}]},
         "meter_provider": {"readers": [{"periodic": {"exporter": {\(exporter)}}}]},
         "distribution": {"swift-telemetry": {\(distribution)}}}
        """
    }

    private static let http = "\"otlp_http\": {}"

    private static func parse(_ distribution: String, exporter: String = http) throws -> TelemetryConfiguration {
        try TelemetryConfiguration.parse(text(distribution, exporter: exporter), format: .json, environment: [:])
    }

    @Test func endpointsAndWayAreReadAndShown() throws {
        let list = "\"otlp_endpoints\": [\"http://u:secret@a:4318\", \"http://b:4318\"]"
        let configuration = try Self.parse(list + ", \"otlp_load_balancing\": \"trace_id\"")
        #expect(configuration.distribution.otlpEndpoints == ["http://u:secret@a:4318", "http://b:4318"])
        #expect(configuration.distribution.otlpLoadBalancing == .byTraceID)
        let summary = configuration.summary(width: 400)
        #expect(summary.contains("to http://…@a:4318 or http://b:4318 (each trace to one member), http/protobuf"), "\(summary)")
        #expect(summary.contains("to http://…@a:4318 or http://b:4318 (one at a time), http/protobuf"), "Metrics belong to no trace.")
        #expect(!summary.contains("secret"))
        let plain = try Self.parse(list, exporter: "\"otlp_http\": {\"endpoint\": \"http://c:4318/v1/traces\"}").summary(width: 400)
        #expect(plain.contains("to http://c:4318/v1/traces, http/protobuf"), "An exporter's own endpoint counts.")
    }

    @Test func tracesGoToOneMemberEach() async throws {
        let receivers = try (0..<3).map { _ in try ScriptedReceiver() }
        let list = receivers.map { "\"\($0.url)\"" }.joined(separator: ", ")
        let configuration = try Self.parse("\"otlp_endpoints\": [\(list)], \"otlp_load_balancing\": \"trace_id\"")
        let telemetry = try TelemetrySystem.start(configuration: configuration, environment: [:])
        for _ in 0..<64 { telemetry.tracer("tests").startSpan("item", parent: .root).end() }
        #expect(await telemetry.shutdown(within: .seconds(60)) == .completed)
        #expect(receivers.allSatisfy { $0.requests.map(\.target).contains("/v1/traces") })
        for receiver in receivers { await receiver.stop() }
    }

    /// Settings that cannot be used, with what is told.
    private static let wrong: [(distribution: String, problem: String)] = [
        ("\"otlp_endpoints\": \"http://a:1\"", "expected a list of endpoints"),
        ("\"otlp_endpoints\": [\"http://\"]", "\"http://\" is no address"),
        ("\"otlp_endpoints\": [\"http://a:1\", \"http://a:1\"]", "\"http://a:1\" is there already"),
        ("\"otlp_endpoints\": [" + (0..<65).map { "\"http://a\($0):1\"" }.joined(separator: ", ") + "]", "the list has 65 endpoints"),
        ("\"otlp_load_balancing\": \"random\"", "expected one of: connection, trace_id"),
        ("\"otlp_endpoint\": []", "did you mean \"otlp_endpoints\"?"),
    ]

    @Test func endpointThatIsNoneOfHTTPIsToldOnceWithItsPlace() {
        let error = #expect(throws: ConfigurationError.self) {
            let configuration = try Self.parse("\"otlp_endpoints\": [\"http://a:4318\", \"gateway:4318\"]")
            _ = try TelemetrySystem.start(configuration: configuration, environment: [:])
        }
        #expect(error?.problems.map(\.property) == ["distribution.swift-telemetry.otlp_endpoints[1]"])
        #expect(error?.problems.first?.line == 4 && error?.problems.first?.message.contains("\"gateway:4318\" cannot be used") == true)
    }

    @Test(arguments: wrong.indices) func wrongSettingIsToldWithItsPlace(index: Int) {
        let (distribution, expected) = Self.wrong[index]
        let error = #expect(throws: ConfigurationError.self) { try Self.parse(distribution) }
        #expect(error?.problems.first.map { "\($0)".contains(expected) && $0.line == 4 } == true, "\(String(describing: error))")
    }
}
