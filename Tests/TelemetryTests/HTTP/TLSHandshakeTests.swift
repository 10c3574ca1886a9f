// Verification of certificates and failures of handshakes, with the server of the `openssl` command.

import Testing

@testable import Telemetry

@Suite(.enabled(if: OpenSSLCommand.isInstalled, "The openssl command is installed."))
struct TLSHandshakeTests {
    private static let answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

    @Sendable private static func answerOnce(_ connection: RawConnection, _: OpenSSLServer.Ending) {
        if connection.nextRequest() != nil { connection.send(answer) }
        _ = connection.readToEnd()
    }

    private func connection(_ url: String, _ options: TLSOptions = TLSOptions()) throws -> BlockingHTTPConnection {
        BlockingHTTPConnection(to: try #require(HTTPURL(url)), tls: try TLSContext(options))
    }

    private let ours = TLSOptions(certificateAuthorityFile: TestCertificates.authority)

    /// Connects to a server with a certificate, and returns the error after its address.
    private func refusal(
        certificate: String = "server", _ serverOptions: [String] = [], host: String = "localhost", trusting options: TLSOptions
    ) async throws -> String {
        let server = try await OpenSSLServer(certificate: certificate, options: serverOptions, Self.answerOnce)
        let outcome = try await connection("https://\(host):\(server.port)/", options).outcome()
        let error = try #require(outcome.error)
        #expect(!error.isTransient, "Another attempt cannot do better.")
        let introduction = "no secure connection to 127.0.0.1:\(server.port): "
        #expect(error.description.hasPrefix(introduction))
        return String(error.description.dropFirst(introduction.count))
    }

    @Test(arguments: ["localhost", "127.0.0.1", "LOCALHOST"])
    func certificateOfTrustedAuthorityForHostIsAccepted(host: String) async throws {
        let server = try await OpenSSLServer(Self.answerOnce)
        let response = try await connection("https://\(host):\(server.port)/v1/traces", ours).outcome()
        #expect(try response.get().body.bytes == Array("ok".utf8))
    }

    @Test func serverReceivesNameAndProtocol() async throws {
        // With an unknown name or protocol this server would end the handshake.
        let options = [
            "-servername", "localhost", "-servername_fatal", "-cert2", TestCertificates.file("server.pem"),
            "-key2", TestCertificates.file("server.key"), "-alpn", "http/1.1",
        ]
        let server = try await OpenSSLServer(certificate: "other", options: options, Self.answerOnce)
        let response = try await connection("https://localhost:\(server.port)/", ours).outcome()
        #expect(try response.get().status == 200)
    }

    @Test func serverWithoutHTTP11IsReported() async throws {
        let text = try await refusal(["-alpn", "h2"], trusting: ours)
        #expect(text.hasPrefix("the server speaks no HTTP/1.1; is this a gRPC port?"))
    }

    @Test(arguments: ["-tls1_2", "-tls1_3"])
    func tls12AndNewerAreSupported(version: String) async throws {
        let server = try await OpenSSLServer(options: [version], Self.answerOnce)
        #expect(try await connection("https://localhost:\(server.port)/", ours).outcome().get().status == 200)
    }

    @Test func olderVersionIsRefused() async throws {
        let text = try await refusal(["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"], trusting: ours)
        #expect(text.hasPrefix("the server speaks no TLS 1.2 or newer"))
    }

    @Test func serverOfUnknownAuthorityIsRefused() async throws {
        let text = try await refusal(trusting: TLSOptions())
        #expect(text.hasPrefix("the server's certificate comes from an authority that is not among the system's authorities"))
        #expect(text.contains("give a file with the authority's certificate"))
    }

    @Test func selfSignedCertificateIsRefusedUnlessTrusted() async throws {
        #expect(
            try await refusal(certificate: "self-signed", trusting: ours)
                == "the server's certificate is self-signed and not among the given file of authorities")
        let server = try await OpenSSLServer(certificate: "self-signed", Self.answerOnce)
        let named = TLSOptions(certificateAuthorityFile: TestCertificates.file("self-signed.pem"))
        #expect(try await connection("https://localhost:\(server.port)/", named).outcome().get().status == 200)
    }

    @Test func serverCertificateAsAuthorityIsAccepted() async throws {
        let server = try await OpenSSLServer(Self.answerOnce)
        let named = TLSOptions(certificateAuthorityFile: TestCertificates.file("server.pem"))
        #expect(try await connection("https://localhost:\(server.port)/", named).outcome().get().status == 200)
    }

    @Test func expiredCertificateIsRefused() async throws {
        #expect(try await refusal(certificate: "expired", trusting: ours) == "the server's certificate has expired; it has to be renewed")
    }

    @Test(arguments: ["localhost", "127.0.0.1"])
    func certificateForAnotherHostIsRefused(host: String) async throws {
        let text = try await refusal(certificate: "other", host: host, trusting: ours)
        #expect(text == "the server's certificate is not for \(host); give the URL a name that the certificate holds")
    }

    @Test(arguments: ["-tls1_2", "-tls1_3"])
    func requiredClientCertificateIsReported(version: String) async throws {
        let demanding = [version, "-Verify", "1", "-verify_return_error", "-CAfile", TestCertificates.authority]
        let text = try await refusal(demanding, trusting: ours)
        #expect(text.hasPrefix("the server demands a client certificate; give it one, with its key"))
    }

    @Test(arguments: ["-tls1_2", "-tls1_3"])
    func clientCertificateIsSent(version: String) async throws {
        let demanding = [version, "-Verify", "1", "-verify_return_error", "-CAfile", TestCertificates.authority]
        var options = ours
        options.clientCertificateFile = TestCertificates.file("client.pem")
        options.clientKeyFile = TestCertificates.file("client.key")
        let server = try await OpenSSLServer(options: demanding, Self.answerOnce)
        #expect(try await connection("https://localhost:\(server.port)/", options).outcome().get().status == 200)
        options.clientCertificateFile = TestCertificates.file("self-signed.pem")
        options.clientKeyFile = TestCertificates.file("self-signed.key")
        #expect(try await refusal(demanding, trusting: options).hasPrefix("the server does not accept the client certificate"))
    }

    @Test func optionalClientCertificateMayBeMissing() async throws {
        let server = try await OpenSSLServer(options: ["-verify", "1"], Self.answerOnce)
        #expect(try await connection("https://localhost:\(server.port)/", ours).outcome().get().status == 200)
    }

    @Test func serverWithoutTLSIsReported() async throws {
        try await withServer { server in
            let error = try await connection("https://127.0.0.1:\(server.port)/", ours).outcome().error
            let text = try #require(error).description
            #expect(text.contains("the server speaks no TLS; if it is meant to be reached without, the URL should begin with http"))
            #expect(error?.isTransient == false)
        }
    }

    @Test func serverWithTLSIsReportedToPlainClient() async throws {
        // An alert, with which some servers respond to plain text.
        let server = try ScriptedServer { connection in
            _ = connection.read()
            connection.send("\u{15}\u{3}\u{1}\0\u{2}\u{2}\u{16}")
        }
        let url = try #require(HTTPURL("http://127.0.0.1:\(server.port)/"))
        let error = await BlockingHTTPConnection(to: url).outcome().error
        #expect(try #require(error).description.contains("the URL should begin with https"))
    }

    @Test func closeDuringHandshakeIsTransient() async throws {
        let server = try ScriptedServer { _ = $0.read() }
        let error = try await connection("https://127.0.0.1:\(server.port)/", ours).outcome().error
        #expect(try #require(error).description.contains("closed the connection in the middle of the handshake; does it speak TLS?"))
        #expect(error?.isTransient == true)
    }

    @Test func stalledHandshakeTimesOut() async throws {
        let server = try ScriptedServer { _ = $0.readToEnd() }
        let error = try await connection("https://127.0.0.1:\(server.port)/", ours).outcome(within: .milliseconds(50)).error
        #expect(error == .timedOut(address: "127.0.0.1:\(server.port)"))
    }

    @Test func interruptionEndsHandshake() async throws {
        let hasBegun = Gate()
        let server = try ScriptedServer { connection in
            _ = connection.read()
            hasBegun.arrive()
            _ = connection.readToEnd()
        }
        let connection = try connection("https://127.0.0.1:\(server.port)/", ours)
        async let outcome = connection.outcome()
        #expect(await eventually { hasBegun.arrivals == 1 })
        connection.interrupt()
        #expect(await outcome.error == .interrupted)
    }

    @Test func randomBytesInsteadOfHandshakeFail() async throws {
        var random = SplitMix64(seed: 31)
        for _ in 0..<200 {
            let context = try TLSContext(ours)
            let session = try #require(TLSSession(context, host: "localhost"), "There is memory.")
            #expect(session.handshake() == .needsInput)
            // Half of them begin as a record does.
            var bytes = (0..<Int.random(in: 1...2000, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
            if Bool.random(using: &random) { bytes.replaceSubrange(0..<min(3, bytes.count), with: [0x16, 3, 3].prefix(bytes.count)) }
            bytes.withUnsafeBytes { session.receiveFromPeer($0) }
            switch session.handshake() {
            case .done, .closed: Issue.record("Nonsense is no handshake.")
            case .needsInput, .failed: break
            }
        }
    }
}
