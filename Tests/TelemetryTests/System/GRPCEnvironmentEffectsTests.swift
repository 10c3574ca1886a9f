// OTLP over gRPC by variables: what a receiver gets, over plain connections, TLS and Unix sockets.

import ExampleSupport
import Foundation
import Testing

@testable import Telemetry

@Suite(.serialized, .enabled(if: HTTP2Peer.isAvailable, "nghttp2 is installed."))
struct GRPCEnvironmentEffectsTests {
    private static let signals = ["TRACES", "METRICS", "LOGS"]
    private static let methods = [
        "TRACES": "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
        "METRICS": "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export",
        "LOGS": "/opentelemetry.proto.collector.logs.v1.LogsService/Export",
    ]

    /// Telemetry of one signal that has recorded two items, and exports with the variables given.
    private static func recorded(_ signal: String, _ environment: [String: String]) throws -> TelemetrySystem {
        var environment = environment
        for other in signals where other != signal { environment["OTEL_\(other)_EXPORTER"] = "none" }
        let telemetry = try TelemetrySystem.start(detectors: [], environment: environment)
        for name in ["one", "two"] {
            telemetry.tracer("tests").startSpan(name, parent: .root).end()
            telemetry.meter("tests").counter(name).add(1)
            telemetry.logger("tests").info("\(name)")
        }
        return telemetry
    }

    @Test(arguments: signals, [true, false])
    func protocolVariableSendsTheSignalByItsMethod(signal: String, isOwn: Bool) async throws {
        let receiver = try GRPCReceiver()
        var variables = ["OTEL_EXPORTER_OTLP_ENDPOINT": receiver.url, "OTEL_EXPORTER_OTLP_HEADERS": "X-Tenant=a%20b"]
        variables[isOwn ? "OTEL_EXPORTER_OTLP_\(signal)_PROTOCOL" : "OTEL_EXPORTER_OTLP_PROTOCOL"] = "grpc"
        let telemetry = try Self.recorded(signal, variables)
        #expect(await telemetry.shutdown(within: .seconds(60)) == .completed)
        #expect(telemetry.health.pipelines.map(\.dropped) == [[:]])
        let requests = receiver.requests
        #expect(!requests.isEmpty)
        for request in requests {
            #expect(request.fields[":path"] == Self.methods[signal] && request.fields["x-tenant"] == "a b")
            #expect(request.fields["content-type"] == "application/grpc+proto")
            let text = String(decoding: request.message, as: UTF8.self)
            #expect(text.contains("one") && text.contains("two"))
        }
        receiver.stop()
    }

    @Test func durationOfExportHasStatusOfCallByName() async throws {
        let receiver = try GRPCReceiver(GRPCReceiver.refusing(16))
        let metrics = InMemoryMetricExporter()
        let telemetry = try TelemetrySystem.start(
            detectors: [], spans: [.batch(.otlp())], metrics: [.periodic(metrics)], logs: [], selfMetrics: true,
            environment: ["OTEL_EXPORTER_OTLP_ENDPOINT": receiver.url, "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"])
        telemetry.tracer("tests").startSpan("refused", parent: .root).end()
        #expect(await telemetry.forceFlush(within: .seconds(60)) == .failed)
        #expect(await telemetry.forceFlush(within: .seconds(60)) == .completed)
        let points = try #require(metrics.points(of: "otel.sdk.exporter.operation.duration")?.histograms)
        let statuses = points.compactMap { $0.attributes["rpc.response.status_code"] }
        #expect(statuses == ["UNAUTHENTICATED"] && points.allSatisfy { $0.attributes["http.response.status_code"] == nil })
        await telemetry.shutdown(within: .seconds(60))
        receiver.stop()
    }

    @Test(arguments: signals)
    func compressionVariableCompressesTheMessage(signal: String) async throws {
        let receiver = try GRPCReceiver()
        let telemetry = try Self.recorded(
            signal,
            [
                "OTEL_EXPORTER_OTLP_ENDPOINT": receiver.url, "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc",
                "OTEL_EXPORTER_OTLP_COMPRESSION": "gzip",
            ])
        #expect(await telemetry.shutdown(within: .seconds(60)) == .completed)
        let request = try #require(receiver.requests.first)
        #expect(request.fields["grpc-encoding"] == "gzip" && request.body.first == 1)
        let text = String(decoding: try Gzip.decompressed(request.message, maximumBytes: 1 << 20), as: UTF8.self)
        #expect(text.contains("one"))
        receiver.stop()
    }

    /// Two items are rejected of what the signal has sent, and nothing is sent again.
    @Test(arguments: signals)
    func partialSuccessIsCountedAndReported(signal: String) async throws {
        let receiver = try GRPCReceiver(GRPCReceiver.answering([0x0A, 6, 0x08, 1, 0x12, 2, 0x6E, 0x6F]))
        let telemetry = try Self.recorded(
            signal, ["OTEL_EXPORTER_OTLP_ENDPOINT": receiver.url, "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"])
        #expect(await telemetry.forceFlush(within: .seconds(60)) == .failed)
        let health = try #require(telemetry.health.pipelines.first)
        #expect(health.dropped == [.rejected: 1] && health.exported == 1 && receiver.requests.count == 1)
        #expect(health.lastFailure?.message.hasSuffix("\(receiver.url): no") == true)
        await telemetry.shutdown(within: .seconds(60))
        receiver.stop()
    }

    // MARK: TLS

    private static let certificates = [
        "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc", "OTEL_EXPORTER_OTLP_CERTIFICATE": TestCertificates.authority,
    ]

    /// Answers calls until the client closes.
    @Sendable private static func accept(_ connection: RawConnection, _ ending: OpenSSLServer.Ending) {
        guard let peer = HTTP2Peer(connection) else { return }
        while let request = peer.nextRequest() { peer.answer(request.stream) }
    }

    @Test(.enabled(if: OpenSSLCommand.isInstalled, "The openssl command is installed."), arguments: [true, false])
    func callsAreMadeOverTLSThatAgreesOnHTTP2(hasScheme: Bool) async throws {
        let server = try await OpenSSLServer(options: ["-alpn", "h2"], Self.accept)
        let endpoint = "\(hasScheme ? "https://" : "")localhost:\(server.port)"
        let telemetry = try Self.recorded("TRACES", Self.certificates.merging(["OTEL_EXPORTER_OTLP_ENDPOINT": endpoint]) { own, _ in own })
        #expect(await telemetry.shutdown(within: .seconds(60)) == .completed)
        #expect(telemetry.health.pipelines.map(\.exported) == [2])
    }

    @Test(.enabled(if: OpenSSLCommand.isInstalled, "The openssl command is installed."))
    func clientCertificateIsSentIfReceiverRequiresIt() async throws {
        let server = try await OpenSSLServer(
            options: ["-alpn", "h2", "-Verify", "1", "-CAfile", TestCertificates.authority, "-verify_return_error"], Self.accept)
        let files = [
            "OTEL_EXPORTER_OTLP_ENDPOINT": "https://localhost:\(server.port)",
            "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE": TestCertificates.file("client.pem"),
            "OTEL_EXPORTER_OTLP_CLIENT_KEY": TestCertificates.file("client.key"),
        ]
        let telemetry = try Self.recorded("TRACES", Self.certificates.merging(files) { own, _ in own })
        #expect(await telemetry.shutdown(within: .seconds(60)) == .completed)
        #expect(telemetry.health.pipelines.map(\.exported) == [2])
    }

    @Test(.enabled(if: OpenSSLCommand.isInstalled, "The openssl command is installed."), arguments: [["-alpn", "http/1.1"], []])
    func serverWithoutHTTP2IsReportedWithTheWayOut(options: [String]) async throws {
        let server = try await OpenSSLServer(options: options, connections: 3, Self.accept)
        let telemetry = try Self.recorded(
            "TRACES", Self.certificates.merging(["OTEL_EXPORTER_OTLP_ENDPOINT": "https://localhost:\(server.port)"]) { own, _ in own })
        #expect(await telemetry.forceFlush(within: .seconds(60)) == .failed)
        let health = try #require(telemetry.health.pipelines.first)
        #expect(health.dropped == [.rejected: 2])
        let message = health.lastFailure?.message ?? ""
        #expect(message.contains("HTTP/2") && message.contains("4317"), "\(message)")
        await telemetry.shutdown(within: .seconds(60))
    }

    // MARK: Other ways

    @Test func callsGoThroughATunnelOfTheProxyForPlainConnectionsToo() async throws {
        let heads = Locked<[String]>([])
        let proxy = try ScriptedServer { connection in
            heads.withLock { $0.append(connection.read(until: "\r\n\r\n")) }
            connection.send("HTTP/1.1 200 OK\r\n\r\n")
            guard let peer = HTTP2Peer(connection) else { return }
            while let request = peer.nextRequest() { peer.answer(request.stream) }
        }
        let telemetry = try Self.recorded(
            "TRACES",
            [
                "OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector.invalid:4317", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc",
                "http_proxy": proxy.url,
            ])
        #expect(await telemetry.shutdown(within: .seconds(60)) == .completed)
        #expect(telemetry.health.pipelines.map(\.exported) == [2])
        #expect(heads.withLock { $0 }.map { $0.prefix(38) } == ["CONNECT collector.invalid:4317 HTTP/1."])
    }

    @Test func callsAreMadeOverAUnixSocket() async throws {
        let root = try TemporaryDirectory()
        let path = "\(root.path)/c.sock"
        let listener = try Socket.listening(on: try #require(try SocketAddress.unix(path: path).get().first))
        _ = WorkerThread.start(named: "test-server") {
            guard SocketWait.wait(listener, toWrite: false, or: WakeDescriptor(), until: .after(RawConnection.patience)) == .ready,
                let socket = try? listener.accept(), let peer = HTTP2Peer(RawConnection(socket))
            else { return }
            while let request = peer.nextRequest() { peer.answer(request.stream) }
        }
        let telemetry = try Self.recorded(
            "TRACES", ["OTEL_EXPORTER_OTLP_ENDPOINT": "unix:\(path)", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"])
        #expect(await telemetry.shutdown(within: .seconds(60)) == .completed)
        #expect(telemetry.health.pipelines.map(\.exported) == [2] && telemetry.health.pipelines.map(\.destination) == ["unix:\(path)"])
    }
}
