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
        #expect(receiver.ledger.requestCount == 1, "It has the request, which is to be sent to another one.")
        receiver.go()
    }

    @Test(arguments: [false, true]) func receiverThatReadsNothingIsLeftWithoutTheRequest(isGRPC: Bool) async throws {
        let receiver = try FleetReceiver("127.0.0.1", port: #require(ScriptedServer.freePort()), isGRPC: isGRPC)
        receiver.mode = .deaf
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

    @Test(arguments: [false, true]) func aloneReceiverGetsAllOfTheTime(isGRPC: Bool) async throws {
        let receiver = try FleetReceiver("127.0.0.1", port: #require(ScriptedServer.freePort()), isGRPC: isGRPC)
        receiver.mode = .hanging
        let transport = try Self.transport("http://127.0.0.1:\(receiver.port)", isGRPC: isGRPC)
        #expect(Self.isTimeout(await Self.outcome(transport)))
        transport.setOtherReceivers(false)
        async let outcome = onOwnThread { [UInt8]().withUnsafeBytes { transport.post([$0], until: .after(Self.long)) } }
        #expect(await eventually { receiver.ledger.requestCount == 2 })
        transport.interrupt()
        #expect(await outcome == .interrupted)
        receiver.go()
    }
}
