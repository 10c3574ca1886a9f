// Effects of the OTLP variables for endpoints, timeouts, protocols and certificates on a receiver.

import Testing

@testable import Telemetry

@Suite(.serialized) struct OTLPEnvironmentEffectsTests {
    private static let signals = ["TRACES", "METRICS", "LOGS"]

    /// Telemetry of one signal that has recorded one item, and exports with the variables given and without any patience of its own.
    private static func recorded(_ signal: String, _ environment: [String: String]) throws -> TelemetrySystem {
        var environment = environment
        for other in signals where other != signal { environment["OTEL_\(other)_EXPORTER"] = "none" }
        for variable in ["OTEL_BSP_EXPORT_TIMEOUT", "OTEL_BLRP_EXPORT_TIMEOUT", "OTEL_METRIC_EXPORT_TIMEOUT"] {
            environment[variable] = "0"
        }
        let telemetry = try TelemetrySystem.start(detectors: [], environment: environment)
        telemetry.tracer("tests").startSpan("item", parent: .root).end()
        telemetry.meter("tests").counter("item").add(1)
        telemetry.logger("tests").info("item")
        return telemetry
    }

    // MARK: Timeouts

    /// Variables that end an export at once: the general one, and the signal's even if the general one allows an hour.
    private static let timeouts: [(String, [String: String])] = signals.flatMap { signal in
        [
            (signal, ["OTEL_EXPORTER_OTLP_TIMEOUT": "50"]),
            (signal, ["OTEL_EXPORTER_OTLP_TIMEOUT": "3600000", "OTEL_EXPORTER_OTLP_\(signal)_TIMEOUT": "50"]),
        ]
    }

    @Test(arguments: timeouts)
    func otlpTimeoutVariableEndsUnansweredExport(signal: String, variables: [String: String]) async throws {
        let receiver = try MisbehavingReceiver(MisbehavingReceiver.hanging)
        let telemetry = try Self.recorded(signal, variables.merging(["OTEL_EXPORTER_OTLP_ENDPOINT": receiver.url]) { own, _ in own })
        // Were the default of ten seconds in force, the flush would not live to see the failure.
        #expect(await telemetry.forceFlush(within: .seconds(9)) == .failed)
        #expect(telemetry.health.pipelines.map(\.dropped) == [[.timedOut: 1]])
        receiver.stop()
        await telemetry.shutdown(within: .milliseconds(100))
    }

    @Test(arguments: signals)
    func signalTimeoutOfZeroMeansNoLimit(signal: String) async throws {
        let receiver = try MisbehavingReceiver(MisbehavingReceiver.hanging)
        let telemetry = try Self.recorded(
            signal,
            [
                "OTEL_EXPORTER_OTLP_ENDPOINT": receiver.url, "OTEL_EXPORTER_OTLP_TIMEOUT": "1",
                "OTEL_EXPORTER_OTLP_\(signal)_TIMEOUT": "0",
            ])
        #expect(await telemetry.forceFlush(within: .milliseconds(200)) == .timedOut)
        #expect(telemetry.health.pipelines.map(\.dropped) == [[:]])
        receiver.stop()
        await telemetry.shutdown(within: .milliseconds(100))
    }

    // MARK: Endpoints and protocols

    @Test(arguments: signals)
    func signalPathIsAppendedOnlyToTheGeneralEndpoint(signal: String) async throws {
        let receiver = try ScriptedReceiver()
        let path = "/v1/\(signal.lowercased())"
        for (variables, target) in [
            (["OTEL_EXPORTER_OTLP_ENDPOINT": receiver.url], path),
            (["OTEL_EXPORTER_OTLP_ENDPOINT": receiver.url + "/base/"], "/base" + path),
            (["OTEL_EXPORTER_OTLP_ENDPOINT": "nonsense", "OTEL_EXPORTER_OTLP_\(signal)_ENDPOINT": receiver.url], "/"),
        ] {
            let telemetry = try Self.recorded(signal, variables)
            #expect(await telemetry.shutdown(within: .seconds(60)) == .completed)
            #expect(receiver.requests.last?.target == target)
        }
        #expect(receiver.requests.count == 3)
        await receiver.stop()
    }

    @Test(
        arguments: [
            (nil, "application/x-protobuf"), ("http/json", "application/json"),
            ("nonsense", "application/x-protobuf"),
        ] as [(String?, String)])
    func protocolVariableSelectsTheContentType(value: String?, contentType: String) async throws {
        let receiver = try ScriptedReceiver()
        for signal in Self.signals {
            var environment = ["OTEL_EXPORTER_OTLP_ENDPOINT": receiver.url]
            environment["OTEL_EXPORTER_OTLP_PROTOCOL"] = value
            let telemetry = try Self.recorded(signal, environment)
            #expect(await telemetry.shutdown(within: .seconds(60)) == .completed)
        }
        #expect(receiver.requests.map { $0.headers["Content-Type"] } == Array(repeating: contentType, count: 3))
        await receiver.stop()
    }

    // MARK: Certificates

    /// A receiver behind OpenSSL's server that keeps its requests.
    private final class Receiver: Sendable {
        private let kept = Journal<String>()

        var targets: [String] { kept.entries }

        @Sendable func answer(_ connection: RawConnection, _ ending: OpenSSLServer.Ending) {
            while let request = connection.nextRequest() {
                kept.note(request.head.target)
                connection.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            }
        }
    }

    /// The variables that name the files: the general ones, or those of the signal while the general ones name missing files.
    private static let owners = signals.flatMap { [($0, false), ($0, true)] }

    private static func files(_ signal: String, isOwn: Bool, _ files: [String: String]) -> [String: String] {
        var variables: [String: String] = [:]
        for (setting, file) in files {
            variables["OTEL_EXPORTER_OTLP_\(setting)"] = isOwn ? "/no/such/file.pem" : file
            if isOwn { variables["OTEL_EXPORTER_OTLP_\(signal)_\(setting)"] = file }
        }
        return variables
    }

    @Test(.enabled(if: OpenSSLCommand.isInstalled, "The openssl command is installed."), arguments: owners)
    func certificateVariableTrustsTheReceiver(signal: String, isOwn: Bool) async throws {
        let receiver = Receiver()
        let server = try await OpenSSLServer { connection, ending in receiver.answer(connection, ending) }
        let variables = Self.files(signal, isOwn: isOwn, ["CERTIFICATE": TestCertificates.authority])
        let telemetry = try Self.recorded(
            signal, variables.merging(["OTEL_EXPORTER_OTLP_ENDPOINT": "https://localhost:\(server.port)"]) { own, _ in own })
        #expect(await telemetry.shutdown(within: .seconds(60)) == .completed)
        #expect(receiver.targets == ["/v1/\(signal.lowercased())"])
    }

    @Test(.enabled(if: OpenSSLCommand.isInstalled, "The openssl command is installed."), arguments: signals)
    func receiverOfUnknownAuthorityIsRefused(signal: String) async throws {
        let receiver = Receiver()
        let server = try await OpenSSLServer { connection, ending in receiver.answer(connection, ending) }
        let telemetry = try Self.recorded(signal, ["OTEL_EXPORTER_OTLP_ENDPOINT": "https://localhost:\(server.port)"])
        #expect(await telemetry.forceFlush(within: .seconds(60)) == .failed)
        #expect(telemetry.health.pipelines.map(\.dropped) == [[.rejected: 1]] && receiver.targets.isEmpty)
        await telemetry.shutdown(within: .milliseconds(100))
    }

    @Test(.enabled(if: OpenSSLCommand.isInstalled, "The openssl command is installed."), arguments: owners)
    func clientCertificateVariablesAreUsed(signal: String, isOwn: Bool) async throws {
        let receiver = Receiver()
        let server = try await OpenSSLServer(options: ["-Verify", "1", "-CAfile", TestCertificates.authority, "-verify_return_error"]) {
            connection, ending in receiver.answer(connection, ending)
        }
        let variables = Self.files(
            signal, isOwn: isOwn,
            [
                "CERTIFICATE": TestCertificates.authority, "CLIENT_CERTIFICATE": TestCertificates.file("client.pem"),
                "CLIENT_KEY": TestCertificates.file("client.key"),
            ])
        let telemetry = try Self.recorded(
            signal, variables.merging(["OTEL_EXPORTER_OTLP_ENDPOINT": "https://localhost:\(server.port)"]) { own, _ in own })
        #expect(await telemetry.shutdown(within: .seconds(60)) == .completed)
        #expect(receiver.targets == ["/v1/\(signal.lowercased())"])
    }

    @Test(.enabled(if: OpenSSLCommand.isInstalled, "The openssl command is installed."), arguments: signals)
    func exportWithoutRequiredClientCertificateFails(signal: String) async throws {
        let receiver = Receiver()
        let server = try await OpenSSLServer(options: ["-Verify", "1", "-CAfile", TestCertificates.authority, "-verify_return_error"]) {
            connection, ending in receiver.answer(connection, ending)
        }
        let telemetry = try Self.recorded(
            signal,
            [
                "OTEL_EXPORTER_OTLP_ENDPOINT": "https://localhost:\(server.port)",
                "OTEL_EXPORTER_OTLP_CERTIFICATE": TestCertificates.authority,
                "OTEL_EXPORTER_OTLP_TIMEOUT": "2000",
            ])
        #expect(await telemetry.forceFlush(within: .seconds(60)) == .failed)
        #expect(receiver.targets.isEmpty)
        await telemetry.shutdown(within: .milliseconds(100))
    }
}
