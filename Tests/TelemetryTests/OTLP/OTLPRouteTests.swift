// Connections by TLS, proxy and Unix socket, configured in code and by variables.

import ExampleSupport
import Foundation
import Synchronization
import Testing

@testable import Telemetry

struct OTLPRouteTests {
    /// The bodies of requests, each of which is answered with status 200.
    private final class Requests: Sendable {
        private let all = Mutex<[[UInt8]]>([])

        var bodies: [[UInt8]] { all.withLock { $0 } }

        @Sendable func answer(_ connection: RawConnection) {
            while let request = connection.nextRequest() {
                all.withLock { $0.append(request.body) }
                connection.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            }
        }
    }

    private static func spanNames(_ requests: Requests) -> [String] {
        requests.bodies.flatMap { (try? OTLPTraceRequest.decode($0)) ?? [] }.map(\.name)
    }

    @Test(.enabled(if: OpenSSLCommand.isInstalled, "The openssl command is installed."))
    func spansAreSentOverTLSWithConfiguredAuthority() async throws {
        let requests = Requests()
        let server = try await OpenSSLServer(connections: 2) { connection, _ in requests.answer(connection) }
        let endpoint = "https://localhost:\(server.port)"
        let inCode = OTLPSpanExporter(
            endpoint: endpoint,
            options: OTLPOptions(
                timeout: .seconds(60), certificates: OTLPCertificateFiles(authority: TestCertificates.authority),
                retry: OTLPDelivering.quick))
        #expect(try await OTLPDelivering.deliver(with: inCode, spans: 1).result == .completed)
        let byVariable = OTLPSpanExporter(options: OTLPOptions(timeout: .seconds(60), retry: OTLPDelivering.quick))
        let variables = ["OTEL_EXPORTER_OTLP_ENDPOINT": endpoint, "OTEL_EXPORTER_OTLP_CERTIFICATE": TestCertificates.authority]
        #expect(try await OTLPDelivering.deliver(with: byVariable, spans: 1, environment: variables).result == .completed)
        #expect(Self.spanNames(requests) == ["span 0", "span 0"])
    }

    @Test(.enabled(if: OpenSSLCommand.isInstalled, "The openssl command is installed."))
    func clientCertificateIsSentIfReceiverRequiresIt() async throws {
        let requests = Requests()
        let server = try await OpenSSLServer(options: ["-Verify", "1", "-CAfile", TestCertificates.authority, "-verify_return_error"]) {
            connection, _ in requests.answer(connection)
        }
        let variables = [
            "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "https://localhost:\(server.port)/v1/traces",
            "OTEL_EXPORTER_OTLP_CERTIFICATE": TestCertificates.authority,
            "OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE": TestCertificates.file("client.pem"),
            "OTEL_EXPORTER_OTLP_CLIENT_KEY": TestCertificates.file("client.key"),
        ]
        let exporter = OTLPSpanExporter(options: OTLPOptions(timeout: .seconds(60), retry: OTLPDelivering.quick))
        #expect(try await OTLPDelivering.deliver(with: exporter, spans: 1, environment: variables).result == .completed)
        #expect(Self.spanNames(requests) == ["span 0"])
    }

    @Test(.enabled(if: OpenSSLCommand.isInstalled, "The openssl command is installed."))
    func untrustedReceiverGetsNothing() async throws {
        let requests = Requests()
        let server = try await OpenSSLServer(certificate: "self-signed") { connection, _ in requests.answer(connection) }
        let outcome = try await OTLPDelivering.deliver(
            to: "https://localhost:\(server.port)", certificates: OTLPCertificateFiles(authority: TestCertificates.authority))
        #expect(outcome.health.dropped == [.rejected: 1] && requests.bodies.isEmpty)
    }

    @Test func missingFileInVariableIsReportedAndExportDisabled() async throws {
        let exporter = OTLPSpanExporter(options: OTLPOptions(timeout: .seconds(60)))
        let variables = ["OTEL_EXPORTER_OTLP_ENDPOINT": "https://localhost", "OTEL_EXPORTER_OTLP_CERTIFICATE": "/no/such/file.pem"]
        let outcome = try await OTLPDelivering.deliver(with: exporter, spans: 2, environment: variables)
        #expect(outcome.health.dropped == [.rejected: 2])
        #expect(outcome.health.lastFailure?.message.hasPrefix("OTEL_EXPORTER_OTLP_CERTIFICATE ") == true)
        let inCode = OTLPSpanExporter(
            endpoint: "https://localhost", options: OTLPOptions(certificates: OTLPCertificateFiles(authority: "/no/such/file.pem")))
        #expect(throws: ConfigurationError.self) { try inCode.configure(EnvironmentReader([:])) }
    }

    @Test func spansAreSentThroughProxyOfEnvironment() async throws {
        let heads = Mutex<[String]>([])
        let proxy = try ScriptedServer { connection in
            guard let request = connection.nextRequest() else { return }
            heads.withLock { $0.append("\(request.head.method) \(request.head.target) \(request.head.headers["Host"] ?? "")") }
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        }
        let exporter = OTLPSpanExporter(endpoint: "http://collector.example:4318", options: OTLPOptions(timeout: .seconds(60)))
        let outcome = try await OTLPDelivering.deliver(with: exporter, spans: 1, environment: ["http_proxy": proxy.url])
        #expect(outcome.result == .completed)
        #expect(heads.withLock { $0 } == ["POST /v1/traces collector.example:4318"])
    }

    @Test func spansAreSentOverUnixSocket() async throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "telemetry-\(UInt64.random(in: 0 ... .max)).sock").path
        let listener = try Socket.listening(on: try #require(try SocketAddress.unix(path: path).get().first))
        defer { try? FileManager.default.removeItem(atPath: path) }
        let requests = Requests()
        _ = WorkerThread.start(named: "test-server") {
            guard SocketWait.wait(listener, toWrite: false, or: WakeDescriptor(), until: .after(RawConnection.patience)) == .ready,
                let socket = try? listener.accept()
            else { return }
            requests.answer(RawConnection(socket))
        }
        let outcome = try await OTLPDelivering.deliver(to: "unix:\(path)", timeout: .seconds(60))
        #expect(outcome.result == .completed && outcome.health.destination == "unix:\(path):/v1/traces")
        #expect(Self.spanNames(requests) == ["span 0"])
    }
}
