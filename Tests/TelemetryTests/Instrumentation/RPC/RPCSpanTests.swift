// Spans and metrics of calls of remote procedures, by the tables of the conventions.

import Testing

@testable import Telemetry

struct RPCSpanTests {
    private struct Refused: Error {}

    private let memory = InMemorySpanExporter()
    private let reader = PullMetricReader()
    private let clock = ManualClock()
    private let telemetry: TelemetrySystem
    private let tracer: Tracer

    init() throws {
        telemetry = try TelemetrySystem.start(
            sampler: .alwaysOn, spans: [memory], metrics: [reader], logs: [], clock: .manual(clock), environment: [:])
        tracer = telemetry.tracer("calls")
    }

    private static let call = RPCCall("/shop.Cart/Add", serverAddress: "cart.internal", serverPort: 50051)

    @Test func clientSpanHasTheAttributesOfTheTable() throws {
        var call = Self.call
        (call.peerAddress, call.peerPort) = ("10.0.0.7", 50051)
        call.requestMetadata = ["tenant": ["a", "b"]]
        tracer.startRPCClientSpan(call, parent: .root).finish(statusCode: "OK", responseMetadata: ["server": ["x"]])
        let span = try #require(memory.finishedSpans.first)
        #expect(span.name == "shop.Cart/Add" && span.kind == .client && span.status == .unset)
        #expect(
            span.attributes == [
                "rpc.system.name": "grpc", "rpc.method": "shop.Cart/Add", "server.address": "cart.internal", "server.port": 50051,
                "network.peer.address": "10.0.0.7", "network.peer.port": 50051, "rpc.request.metadata.tenant": .array(["a", "b"]),
                "rpc.response.status_code": "OK", "rpc.response.metadata.server": .array(["x"]),
            ])
    }

    @Test func unknownMethodIsRecordedBesideOther() throws {
        tracer.startRPCServerSpan(RPCCall("/shop.Cart/Fly", isKnownMethod: false), parent: .root).finish(statusCode: "UNIMPLEMENTED")
        let span = try #require(memory.finishedSpans.first)
        #expect(span.name == "grpc" && span.kind == .server && span.status == .error(""))
        #expect(span.attributes["rpc.method"] == "_OTHER" && span.attributes["rpc.method_original"] == "shop.Cart/Fly")
        #expect(RPCCall(nil, system: .jsonRPC).spanName == "jsonrpc" && RPCCall("/a", system: .jsonRPC).method == "/a")
    }

    @Test func everyStatusButOKIsAnErrorOfAClientAndSomeOfAServer() {
        for code in 0...16 {
            let name = RPCSystem.grpcStatus(code)
            tracer.startRPCClientSpan(Self.call, parent: .root).finish(statusCode: name)
            tracer.startRPCServerSpan(Self.call, parent: .root).finish(statusCode: name)
        }
        let spans = memory.finishedSpans
        let (clients, servers) = (spans.filter { $0.kind == .client }, spans.filter { $0.kind == .server })
        #expect(clients.filter { $0.status == .unset }.map { $0.attributes["rpc.response.status_code"] } == ["OK"])
        let failed = servers.filter { $0.status != .unset }.compactMap { $0.attributes["error.type"]?.stringValue }
        #expect(failed == ["UNKNOWN", "DEADLINE_EXCEEDED", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS"])
        #expect(servers.filter { $0.status == .unset }.allSatisfy { $0.attributes["error.type"] == nil })
        #expect(RPCSystem.grpcStatus(5) == "NOT_FOUND" && RPCSystem.grpcStatus(99) == "99" && RPCSystem.grpcStatus(-1) == "-1")
    }

    @Test func otherSystemsAreJudgedByTheirConventions() {
        func status(_ system: RPCSystem, _ code: String, ofServer: Bool) -> SpanStatus {
            RPCOutcome(statusCode: code, error: nil, of: system, ofServer: ofServer).status
        }
        #expect(status(.connect, "not_found", ofServer: true) == .unset && status(.connect, "not_found", ofServer: false) == .error(""))
        #expect(status(.connect, "internal", ofServer: true) == .error(""))
        #expect(status(.jsonRPC, "-32602", ofServer: true) == .error(""))
        #expect(status(.dubbo, "50", ofServer: false) == .unset)
    }

    @Test func thrownErrorsFailSpansUnlessTheStatusBlamesTheClient() async throws {
        func answer(_ status: String?) async {
            try? await tracer.withRPCServerSpan(Self.call, parent: .root, statusCode: { _ in status }) { _ throws(Refused) in
                throw Refused()
            }
        }
        await answer(nil)
        await answer("NOT_FOUND")
        await answer("INTERNAL")
        let spans = memory.finishedSpans
        #expect(spans.map { $0.attributes["rpc.response.status_code"] } == ["UNKNOWN", "NOT_FOUND", "INTERNAL"])
        #expect(spans[0].attributes["error.type"]?.stringValue?.hasSuffix("Refused") == true && spans[0].status == .error("Refused()"))
        #expect(spans[1].status == .unset && spans[1].attributes["error.type"] == nil)
        #expect(spans[2].status == .error("Refused()") && spans[2].attributes["error.type"] == "INTERNAL")
    }

    @Test func thrownErrorFailsSpansOfSystemsWhoseCodesAreNotJudged() async throws {
        let call = RPCCall("add", system: .dubbo)
        try? await tracer.withRPCClientSpan(call, parent: .root, statusCode: { _ in "20" }) { _ throws(Refused) in throw Refused() }
        let span = try #require(memory.finishedSpans.first)
        #expect(span.status == .error("Refused()") && span.attributes["rpc.response.status_code"] == "20")
        #expect(span.attributes["error.type"]?.stringValue?.hasSuffix("Refused") == true)
    }

    @Test func cancelledCallIsAFailureOfAClientOfGRPCAlone() async {
        try? await tracer.withRPCClientSpan(Self.call, parent: .root) { _ in throw CancellationError() }
        try? await tracer.withRPCServerSpan(Self.call, parent: .root) { _ in throw CancellationError() }
        try? await tracer.withRPCClientSpan(RPCCall("add", system: .jsonRPC), parent: .root) { _ in throw CancellationError() }
        let spans = memory.finishedSpans
        #expect(spans.map { $0.attributes["rpc.response.status_code"] } == ["CANCELLED", "CANCELLED", nil])
        #expect(spans.map { $0.attributes["error.type"] } == ["CANCELLED", nil, nil])
        #expect(spans.map(\.status) == [.error(""), .unset, .unset])
    }

    @Test func statusOfAReturnedAnswerIsGivenByFinishing() async throws {
        let metrics = RPCMetrics(telemetry.meter("calls"))
        let call = RPCCall("add", system: .jsonRPC)
        let answer = await tracer.withRPCClientSpan(call, parent: .root, metrics: metrics) { calling in
            calling.finish(statusCode: "-32602")
            return 3
        }
        let span = try #require(memory.finishedSpans.first)
        #expect(answer == 3 && span.status == .error("") && span.attributes["error.type"] == "-32602")
        let recorded = try points("rpc.client.call.duration")
        #expect(recorded.map(\.count) == [1] && recorded.map { $0.attributes["error.type"] } == ["-32602"])
    }

    @Test func peerIsSetOnceTheConnectionIsKnown() throws {
        let calling = tracer.startRPCClientSpan(Self.call, parent: .root)
        calling.setPeer(address: "10.0.0.7", port: 50051)
        calling.finish()
        calling.setPeer(address: "10.0.0.8")
        let attributes = try #require(memory.finishedSpans.first).attributes
        #expect(attributes["network.peer.address"] == "10.0.0.7" && attributes["network.peer.port"] == 50051)
    }

    @Test func callsWithoutSpansAreRecordedAsThoseWithSpansAre() throws {
        let metrics = RPCMetrics(telemetry.meter("calls"))
        for (code, error) in [("NOT_FOUND", nil), (nil, Refused()), (nil, nil)] as [(String?, Refused?)] {
            let calling = tracer.startRPCClientSpan(Self.call, parent: .root, metrics: metrics)
            let answering = tracer.startRPCServerSpan(Self.call, parent: .root, metrics: metrics)
            clock.advance(by: .milliseconds(20))
            calling.finish(statusCode: code, error: error)
            answering.finish(statusCode: code, error: error)
            metrics.recordClientCall(Self.call, duration: .milliseconds(20), statusCode: code, error: error)
            metrics.recordServerCall(Self.call, duration: .milliseconds(20), statusCode: code, error: error)
        }
        for name in ["rpc.client.call.duration", "rpc.server.call.duration"] {
            let recorded = try points(name)
            #expect(recorded.count == 3 && recorded.allSatisfy { $0.count == 2 && abs(($0.sum ?? 0) - 0.04) < 1e-9 }, "\(name)")
        }
    }

    private func points(_ name: String) throws -> [HistogramPoint] {
        let metric = try #require(try reader.collect().metrics.first { $0.name == name })
        guard case .histogram(let points, _) = metric.points else { return [] }
        return points
    }

    @Test func metricsHaveTheConventionsUnitsBucketsAndAttributes() throws {
        let metrics = RPCMetrics(telemetry.meter("calls"))
        let calling = tracer.startRPCClientSpan(Self.call, parent: .root, metrics: metrics)
        clock.advance(by: .milliseconds(20))
        calling.finish(statusCode: "UNAVAILABLE")
        calling.finish(statusCode: "OK")
        let answering = tracer.startRPCServerSpan(Self.call, parent: .root, metrics: metrics)
        clock.advance(by: .seconds(1))
        answering.finish()
        let found = Dictionary(uniqueKeysWithValues: try reader.collect().metrics.map { ($0.name, $0) })
        for (name, seconds) in [("rpc.client.call.duration", 0.02), ("rpc.server.call.duration", 1)] {
            let metric = try #require(found[name])
            guard case .histogram(let points, _) = metric.points else { return #expect(Bool(false), "It is a histogram.") }
            #expect(metric.unit == "s" && points.count == 1 && points[0].count == 1 && points[0].sum == seconds)
            #expect(points[0].boundaries == [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10])
        }
        guard case .histogram(let client, _) = found["rpc.client.call.duration"]?.points,
            case .histogram(let server, _) = found["rpc.server.call.duration"]?.points
        else { return }
        #expect(
            client[0].attributes == [
                "rpc.system.name": "grpc", "rpc.method": "shop.Cart/Add", "server.address": "cart.internal", "server.port": 50051,
                "rpc.response.status_code": "UNAVAILABLE", "error.type": "UNAVAILABLE",
            ])
        #expect(server[0].attributes == ["rpc.system.name": "grpc", "rpc.method": "shop.Cart/Add", "rpc.response.status_code": "OK"])
        #expect(memory.finishedSpans.first?.duration == .milliseconds(20))
    }
}
