// Receivers that hang: at the handshake, while a request is sent, and when they have taken it.

import Testing

@testable import Telemetry

/// An attempt of these tests may take ten minutes. One that waited for a third of that, as without other receivers, would fail its test.
@Suite(.enabled(if: HTTP2Peer.isAvailable, "needs nghttp2"))
struct OTLPHangTests {
    private static let long = Duration.seconds(600)

    /// A transport that other receivers could be tried in place of.
    private static func transport(_ endpoint: String, isGRPC: Bool) throws -> any OTLPTransport {
        let options = OTLPOptions(endpoint: endpoint, timeout: long, encoding: isGRPC ? .grpc : .protobuf)
        let settings = try OTLPSettings(.traces, options, EnvironmentReader([:]))
        let transport = settings.transport(settings.directory(SystemResolver(), .system))
        transport.setOtherReceivers(true)
        return transport
    }

    /// Makes an attempt, and interrupts it if it does not end within the patience of a test.
    private static func outcome(_ transport: any OTLPTransport, bytes count: Int = 0) async -> OTLPOutcome {
        let hasEnded = Gate()
        async let outcome = onOwnThread {
            defer { hasEnded.arrive() }
            return [UInt8](repeating: 0, count: count).withUnsafeBytes { transport.post([$0], until: .after(long)) }
        }
        if await !eventually({ hasEnded.arrivals == 1 }) { transport.interrupt() }
        return await outcome
    }

    private static func isTimeout(_ outcome: OTLPOutcome) -> Bool { if case .timedOut = outcome { true } else { false } }

    @Test(arguments: [false, true]) func receiverThatNeverAnswersIsLeft(isGRPC: Bool) async throws {
        let receiver = try FleetReceiver("127.0.0.1", port: #require(ScriptedServer.freePort()), isGRPC: isGRPC)
        receiver.mode = .hanging
        let transport = try Self.transport("http://127.0.0.1:\(receiver.port)", isGRPC: isGRPC)
        let outcome = await Self.outcome(transport)
        #expect(Self.isTimeout(outcome), "\(outcome)")
        #expect(await eventually { receiver.ledger.requestCount == 1 }, "It has the request, which is to be sent to another one.")
        receiver.go()
    }

    @Test(arguments: [false, true]) func receiverThatReadsNothingIsLeftWithoutTheRequest(isGRPC: Bool) async throws {
        let receiver = try FleetReceiver("127.0.0.1", port: #require(ScriptedServer.freePort()), isGRPC: isGRPC)
        receiver.mode = .notReading
        let transport = try Self.transport("http://127.0.0.1:\(receiver.port)", isGRPC: isGRPC)
        // More than the buffers of two sockets hold.
        let outcome = await Self.outcome(transport, bytes: 48 << 20)
        #expect(Self.isTimeout(outcome), "\(outcome)")
        receiver.mode = .taking
        #expect(await eventually { receiver.connectionCount == 0 })
        #expect(receiver.ledger.requestCount == 0, "No request came whole.")
        receiver.go()
    }

    @Test(.enabled(if: OpenSSLCommand.isInstalled, "The openssl command is installed."), arguments: [false, true])
    func receiverThatDoesNotFinishTheHandshakeIsLeft(isGRPC: Bool) async throws {
        let receiver = try MisbehavingReceiver(MisbehavingReceiver.hanging)
        let outcome = await Self.outcome(try Self.transport("https://127.0.0.1:\(receiver.port)", isGRPC: isGRPC))
        #expect(Self.isTimeout(outcome), "\(outcome)")
        receiver.stop()
    }

    @Test(arguments: [false, true]) func framesOfTheConnectionAreNoProgress(hasBegun: Bool) async throws {
        let receiver = try MisbehavingReceiver { connection, _ in
            guard let peer = HTTP2Peer(connection), let request = peer.nextRequest() else { return }
            if hasBegun { peer.send(HTTP2Frame.headers(request.stream, HTTP2Peer.head)) }
            // Each acknowledgement is answered by another ping.
            while peer.send(HTTP2Frame.ping()), !connection.read().isEmpty {}
        }
        let outcome = await Self.outcome(try Self.transport(receiver.url, isGRPC: true))
        #expect(Self.isTimeout(outcome), "\(outcome)")
        receiver.stop()
    }

    @Test func aloneReceiverGetsAllOfTheTime() async throws {
        let receiver = try MisbehavingReceiver(MisbehavingReceiver.hanging)
        let url = try #require(HTTPURL(receiver.url))
        let connector = HTTPConnector(
            to: url, tls: nil, proxy: nil, interruption: Interruption(), directory: HostDirectory(for: url, proxy: nil))
        let deadline = Deadline.after(Self.long)
        _ = try connector.connect(deadline)
        #expect(connector.answerWait(within: deadline).limit == deadline)
        connector.hasOtherReceivers = true
        let wait = connector.answerWait(within: deadline)
        #expect(wait.silence == .milliseconds(900) && wait.endsInSilence, "Nothing is known of its answers.")
        connector.hasOtherReceivers = false
        #expect(connector.answerWait(within: deadline).limit == deadline)
        receiver.stop()
    }

    @Test func receiversOfAnExporterShareWhatIsLearned() throws {
        let options = OTLPOptions(endpoints: ["unix:/run/a.sock", "http://a.test:1", "unix:/run/b.sock"])
        let receivers = try OTLPReceivers(
            .traces, options, EnvironmentReader(["http_proxy": "proxy.test:3128"]), ScriptedResolver(), .system)
        #expect(receivers.directories.count == 3)
        #expect(receivers.directories.allSatisfy { $0.answers === receivers.directories[0].answers })
    }
}
