// OTLP over gRPC from the SDK's own exporters to the collector.

import ExampleSupport
import Telemetry
import Testing

@testable import Collector
@testable import TelemetryConsole

@Suite(.enabled(if: GRPCTestClient.isAvailable, "nghttp2 is installed."))
struct CollectorGRPCTests {
    private static let method = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"

    /// Runs a collector that takes gRPC for the time of a closure, which gets the port.
    private func receiving(
        _ collector: CollectorHarness = CollectorHarness(), maximumRequestBytes: Int = OTLPIntake.maximumRequestBytes,
        _ body: (Int) async throws -> Void
    ) async throws {
        let receiver = try GRPCReceiver.start(
            ServiceEnvironment(["GRPC_PORT": "0", "HOST": "127.0.0.1"]), for: collector.routes.console, httpPort: 4318,
            maximumRequestBytes: maximumRequestBytes)
        #expect(receiver.problem == nil)
        do {
            try await body(try #require(receiver.port))
        } catch {
            await receiver.stop(within: .zero)
            throw error
        }
        await receiver.stop(within: .zero)
    }

    private static func environment(_ port: Int, _ changes: [String: String] = [:]) -> [String: String] {
        [
            "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:\(port)", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc", "OTEL_SERVICE_NAME": "shop",
            "OTEL_EXPORTER_OTLP_TIMEOUT": "60000",
        ].merging(changes) { $1 }
    }

    @Test(arguments: ["none", "gzip", "zstd"])
    func defaultTelemetryExportsAllSignalsOverGRPC(compression: String) async throws {
        let collector = CollectorHarness()
        try await receiving(collector) { port in
            let telemetry = try TelemetrySystem.start(environment: Self.environment(port, ["OTEL_EXPORTER_OTLP_COMPRESSION": compression]))
            telemetry.tracer("orders").withSpan("place order") { _ in telemetry.logger("orders").info("placed") }
            telemetry.meter("orders").counter("orders.placed").add(3)
            #expect(await telemetry.shutdown(within: ServiceHarness.patience) == .completed)
        }
        let status = try await collector.get("/status")
        #expect(status["spans"] == 1 && status["logs"] == 1)
        #expect(try await collector.get("/metrics").arrayValue?.contains { $0["name"] == "orders.placed" } == true)
        let receivers = try await collector.get("/data/summary")["receivers"]
        #expect(receivers?["grpc"] == ["taken": "3", "refused": "0", "problem": .null])
        #expect(receivers?["http"] == ["taken": "0", "refused": "0", "problem": .null])
    }

    @Test func answersFollowTheRulesOfOTLP() async throws {
        let collector = CollectorHarness(maximumRequestBytes: 2_000)
        let (good, invalid) = (
            CollectorHarness.spanRequest(
                CollectorHarness.field(1, Array(repeating: 1, count: 16)) + CollectorHarness.field(2, Array(repeating: 2, count: 8))),
            CollectorHarness.spanRequest(CollectorHarness.field(5, [65]))
        )
        try await receiving(collector, maximumRequestBytes: 2_000) { port in
            let bomb = try Gzip.compressed([UInt8](repeating: 0, count: 100_000))
            let compressed = try Gzip.compressed(good)
            let zipped = GRPCTestClient.fields + [("grpc-encoding", "gzip")]
            let answers = await GRPCTestClient.with(port: port) { client in
                [
                    client.call(Self.method, good), client.call(Self.method, []), client.call(Self.method, invalid),
                    client.call(Self.method, [0xFF, 0xFF]), client.call(Self.method, [UInt8](repeating: 0, count: 2_001)),
                    client.answer(client.begin(Self.method, GRPCTestClient.content(compressed, flag: 1), zipped)),
                    client.answer(client.begin(Self.method, GRPCTestClient.content(bomb, flag: 1), zipped)),
                    client.answer(client.begin(Self.method, GRPCTestClient.content([1, 2, 3], flag: 1), zipped)),
                    client.call("/opentelemetry.proto.collector.profiles.v1development.ProfilesService/Export", []),
                ]
            }
            let all = try #require(answers)
            #expect(
                all.map(\.code) == [
                    .ok, .ok, .ok, .invalidArgument, .resourceExhausted, .ok, .resourceExhausted, .invalidArgument, .unimplemented,
                ])
            #expect(all[0].content.isEmpty && all[1].content.isEmpty)
            // A partial success: a rejected span, and why.
            #expect(all[2].content.starts(with: [0x0A]) && String(decoding: all[2].content, as: UTF8.self).contains("must not be zero"))
            #expect(all[3].message.hasPrefix("The message is no ExportTraceServiceRequest"))
            #expect(all[6].message.contains("larger than 2000 bytes") && all[6].head["grpc-status-details-bin"] == nil, "It is final.")
        }
        #expect(try await collector.get("/status")["spans"] == 2)
        let counts = collector.routes.console.counts[.grpc]
        #expect(counts.taken == 4 && counts.refused == 5)
    }

    @Test func portThatIsTakenOrWrongIsTold() async throws {
        let console = Console(SignalStores())
        func start(_ environment: [String: String]) throws(StartFailure) -> GRPCReceiver {
            try GRPCReceiver.start(ServiceEnvironment(environment), for: console, httpPort: 4318, maximumRequestBytes: 1_000)
        }
        let none = try start(["GRPC_PORT": "none"])
        #expect(none.port == nil && none.problem == nil)
        for wrong in ["x", "-1", "65536"] {
            #expect {
                try start(["GRPC_PORT": wrong])
            } throws: { "\($0)" == "GRPC_PORT is \"\(wrong)\"; it must be a port from 0 to 65535, or none." }
        }
        try await receiving { port in
            #expect {
                try start(["GRPC_PORT": "\(port)", "HOST": "127.0.0.1"])
            } throws: { ($0 as? StartFailure)?.kind == .unavailable && "\($0)".contains("GRPC_PORT chooses another") }
        }
    }
}
