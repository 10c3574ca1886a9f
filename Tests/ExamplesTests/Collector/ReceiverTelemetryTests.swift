// What the console records of its own receiver of gRPC, and that exports of that end there.

import ExampleSupport
import Telemetry
import Testing

@testable import Collector
@testable import TelemetryConsole

@Suite(.enabled(if: GRPCTestClient.isAvailable, "nghttp2 is installed.")) struct ReceiverTelemetryTests {
    private static let method = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"

    /// Returns a request with one span.
    private static func request(_ number: UInt8 = 1) -> [UInt8] {
        CollectorHarness.spanRequest(
            CollectorHarness.field(1, Array(repeating: number, count: 16)) + CollectorHarness.field(2, Array(repeating: 2, count: 8)))
    }

    /// Runs a collector that records its own calls for the time of a closure, which gets the port.
    private func recording(
        _ collector: CollectorHarness, _ telemetry: (Int) throws -> ReceiverTelemetry, _ body: (Int, ReceiverTelemetry) async throws -> Void
    ) async throws {
        let port = try #require(ScriptedServer.freePort())
        let own = try telemetry(port)
        let receiver = try GRPCReceiver.start(
            ServiceEnvironment(["GRPC_PORT": "\(port)", "HOST": "127.0.0.1"]), for: collector.routes.console, httpPort: 4318,
            maximumRequestBytes: OTLPIntake.maximumRequestBytes, telemetry: own)
        do { try await body(port, own) } catch {
            await receiver.stop(within: .zero)
            throw error
        }
        await receiver.stop(within: .zero)
    }

    @Test("a call has a span and counts in the metrics of the conventions; one with the mark has neither")
    func callsAreRecorded() async throws {
        let (spans, metrics) = (InMemorySpanExporter(), InMemoryMetricExporter())
        let system = try TelemetrySystem.start(
            resource: .service("collector"), spans: [spans], metrics: [.periodic(metrics)], logs: [], environment: [:])
        try await recording(CollectorHarness(), { _ in ReceiverTelemetry(system) }) { port, own in
            let parent = [("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")]
            let marked = [(ReceiverTelemetry.mark, "1")]
            _ = await GRPCTestClient.with(port: port) { client in
                _ = client.call(Self.method, Self.request(), GRPCTestClient.fields + parent)
                _ = client.call(Self.method, [0xFF, 0xFF])
                _ = client.call(Self.method, Self.request(), GRPCTestClient.fields + marked)
            }
            await own.stop(within: ServiceHarness.patience)
        }
        let found = spans.finishedSpans
        #expect(found.count == 2 && found.allSatisfy { $0.name == String(Self.method.dropFirst()) && $0.kind == .server })
        let (taken, refused) = (try #require(found.first), try #require(found.last))
        #expect(taken.traceID.description == "0af7651916cd43dd8448eb211c80319c" && taken.parentSpanID.description == "b7ad6b7169203331")
        #expect(taken.attributes["rpc.system.name"] == "grpc" && taken.attributes["rpc.response.status_code"] == "OK")
        #expect(taken.attributes["rpc.method"] == .string(String(Self.method.dropFirst())))
        #expect(refused.attributes["rpc.response.status_code"] == "INVALID_ARGUMENT")
        #expect(metrics.metric(named: "rpc.server.call.duration") != nil)
    }

    @Test("what a console exports to itself over gRPC is not recorded again")
    func exportsToItselfEnd() async throws {
        let collector = CollectorHarness()
        try await recording(
            collector,
            { port in
                try #require(
                    try ReceiverTelemetry.start(
                        ServiceEnvironment([
                            "SELF_TELEMETRY_TO": "127.0.0.1:\(port)", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc", "OTEL_BSP_SCHEDULE_DELAY": "1",
                            "OTEL_EXPORTER_OTLP_TIMEOUT": "60000",
                        ])))
            },
            { port, own in
                _ = await GRPCTestClient.with(port: port) { client in
                    for number in 1...3 { _ = client.call(Self.method, Self.request(UInt8(number))) }
                }
                // The three calls of the client, and the spans of these.
                #expect(await eventually { (try? await collector.get("/status")["spans"]) == 6 })
                await own.stop(within: ServiceHarness.patience)
            })
        // These have come by exports with the mark. A span of an export would have come by now: the shutdown exported all that there was.
        #expect(try await collector.get("/status")["spans"] == 6)
        let names = try await collector.get("/traces").arrayValue?.compactMap { $0["root"]?.stringValue } ?? []
        #expect(names.count { $0.hasSuffix("TraceService/Export") } == 3)
    }

    @Test("without the variable nothing is recorded; a wrong one, or one without gRPC, ends the start")
    func settingsAreChecked() throws {
        #expect(try ReceiverTelemetry.start(ServiceEnvironment([:])) == nil)
        for (environment, text) in [
            (["SELF_TELEMETRY_TO": "ftp://x"], "SELF_TELEMETRY_TO is \"ftp://x\"; it must be a host and a port"),
            (
                ["SELF_TELEMETRY_TO": "localhost:4318", "GRPC_PORT": "none"],
                "GRPC_PORT is none; it must be a port, or SELF_TELEMETRY_TO unset"
            ),
        ] {
            #expect {
                _ = try ReceiverTelemetry.start(ServiceEnvironment(environment))
            } throws: { "\($0)".contains(text) }
        }
    }
}
