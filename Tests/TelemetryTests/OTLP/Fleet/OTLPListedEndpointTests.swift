// Fleets from environment variables.

import Testing

@testable import Telemetry

@Suite(.serialized) struct OTLPListedEndpointTests {
    private static func receivers(_ variables: [String: String], _ signal: OTLPSignal = .traces, _ options: OTLPOptions = OTLPOptions())
        throws(OTLPSettings.Problem) -> OTLPReceivers
    {
        try OTLPReceivers(signal, options, EnvironmentReader(variables), ScriptedResolver(), .system)
    }

    private static let general = "OTEL_SWIFT_EXPORTER_OTLP_ENDPOINTS"
    private static let own = "OTEL_SWIFT_EXPORTER_OTLP_TRACES_ENDPOINTS"

    /// Variables, and where spans go.
    private static let chosen: [(variables: [String: String], destination: String)] = [
        ([general: "http://a:1, http://b:2/"], "http://a:1/v1/traces, http://b:2/v1/traces"),
        ([general: "http://a:1", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:3"], "http://a:1/v1/traces"),
        ([own: "http://a:1/x,http://b:2/y", general: "http://c:3"], "http://a:1/x, http://b:2/y"),
        ([own: "http://a:1/x", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://c:3/z"], "http://a:1/x"),
        ([general: "http://a:1", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://c:3/z"], "http://c:3/z"),
        (["OTEL_SWIFT_EXPORTER_OTLP_LOGS_ENDPOINTS": "http://a:1/x"], "http://localhost:4318/v1/traces"),
        ([general: ""], "http://localhost:4318/v1/traces"),
    ]

    @Test(arguments: chosen.indices) func nearestVariableCounts(index: Int) throws {
        let (variables, destination) = Self.chosen[index]
        #expect(try Self.receivers(variables).destination == destination)
    }

    @Test func endpointInCodeCounts() throws {
        let variables = [Self.own: "http://a:1/x,http://b:2/y"]
        #expect(try Self.receivers(variables, .traces, OTLPOptions(endpoint: "http://c:3")).destination == "http://c:3/v1/traces")
        #expect(try Self.receivers(variables, .traces, OTLPOptions(endpoints: ["http://c:3"])).destination == "http://c:3/v1/traces")
    }

    @Test(.enabled(if: HTTP2Peer.isAvailable, "needs nghttp2")) func namesOfGRPCAreListed() throws {
        let variables = [Self.general: "a:1,b", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc", "OTEL_EXPORTER_OTLP_INSECURE": "true"]
        #expect(try Self.receivers(variables).destination == "http://a:1, http://b:4317")
    }

    /// Lists that cannot be used, with what is told.
    private static let wrong: [(variable: String, list: String, value: String, expected: String, isOfAllSignals: Bool)] = [
        (general, "http://a:1,,http://b:2", "an empty endpoint", "separated by commas", true),
        (general, "http://a:1,http://u:p@b:2,http://u:p@b:2", "http://…@b:2", "each endpoint once", true),
        (general, (0..<65).map { "http://a\($0):1" }.joined(separator: ","), "65 endpoints", "at most 64", true),
        (own, "http://a:1,nonsense", "nonsense", "a URL as", false),
        (general, "https://u:se,cret@a:1,http://b:2", "endpoint 1 of 3", "a comma in a password is written %2C", true),
        (own, "http://u:p@a:1,secret", "endpoint 2 of 2", "a comma in a password is written %2C", false),
    ]

    @Test(arguments: wrong.indices) func wrongListIsToldByItsVariable(index: Int) {
        let wrong = Self.wrong[index]
        let problem = #expect(throws: OTLPSettings.Problem.self) { try Self.receivers([wrong.variable: wrong.list]) }
        #expect(problem?.error.setting == wrong.variable && problem?.error.value == wrong.value)
        #expect(problem?.error.expected.contains(wrong.expected) == true && problem?.isFromEnvironment == true)
        #expect(problem?.isOfAllSignals == wrong.isOfAllSignals)
    }

    private static let ownWay = "OTEL_SWIFT_EXPORTER_OTLP_TRACES_LOAD_BALANCING"
    private static let generalWay = "OTEL_SWIFT_EXPORTER_OTLP_LOAD_BALANCING"

    /// Variables, the way in code, and whether each trace goes to one member.
    private static let ways: [(variables: [String: String], code: OTLPLoadBalancing?, routes: Bool)] = [
        ([:], nil, false), ([generalWay: "trace_id"], nil, true), ([generalWay: "connection", ownWay: "TRACE_ID"], nil, true),
        ([ownWay: "connection", generalWay: "trace_id"], nil, false), ([generalWay: "nonsense"], nil, false),
        ([generalWay: "trace_id"], .byConnection, false), ([generalWay: "connection"], .byTraceID, true),
    ]

    @Test(arguments: ways.indices) func loadBalancingIsThatOfCodeOrTheNearestVariable(index: Int) throws {
        let (variables, code, routes) = Self.ways[index]
        let options = OTLPOptions(loadBalancing: code)
        #expect(try Self.receivers(variables, .traces, options).summary.contains("each trace to one member") == routes)
        #expect(try !Self.receivers(variables, .metrics, options).summary.contains("each trace"), "Metrics belong to no trace.")
    }

    @Test func tracesOfAStartWithoutCodeGoToOneMemberEach() async throws {
        let receivers = try (0..<3).map { _ in try ScriptedReceiver() }
        let telemetry = try TelemetrySystem.start(
            detectors: [],
            environment: [
                Self.general: receivers.map(\.url).joined(separator: ","), "OTEL_SWIFT_EXPORTER_OTLP_LOAD_BALANCING": "trace_id",
                "OTEL_METRICS_EXPORTER": "none", "OTEL_LOGS_EXPORTER": "none",
            ])
        let tracer = telemetry.tracer("tests")
        // A member that none of 64 traces belongs to would be one in 10^11.
        for _ in 0..<64 { tracer.startSpan("item", parent: .root).end() }
        #expect(await telemetry.shutdown(within: .seconds(60)) == .completed)
        #expect(receivers.allSatisfy { Set($0.requests.map(\.target)) == ["/v1/traces"] })
        #expect(telemetry.health.pipelines.map(\.exported) == [64])
        for receiver in receivers { await receiver.stop() }
    }
}
