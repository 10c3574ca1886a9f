// Failures of receivers of gRPC: counts, reports, and callers that are not blocked.

import Testing

@testable import Telemetry

/// Serialized: the diagnostics have one handler, which each test replaces.
@Suite(.serialized, .enabled(if: HTTP2Peer.isAvailable, "nghttp2 is installed."))
struct OTLPGRPCFailureTests {
    private typealias Receiver = MisbehavingReceiver

    private static let once = RetryPolicy(initialDelay: .seconds(1_000_000), maximumDelay: .seconds(1_000_000))

    /// Exports to a receiver that accepts nothing: each span is counted under the reason, and one message contains all the words.
    private static func expectLoss(
        at endpoint: String, _ reason: DropReason, timeout: Duration = .patience, says words: String...,
        location: SourceLocation = #_sourceLocation
    ) async throws {
        // The wait for a second attempt would be longer than the export may take: one attempt decides.
        let delivery = try FailingDelivery(to: endpoint, timeout: timeout, encoding: .grpc, retry: Self.once)
        delivery.end(10)
        #expect(await delivery.system.forceFlush() == .failed, sourceLocation: location)
        let health = try #require(delivery.health)
        #expect(health.dropped == [reason: 10] && health.waiting == 0, "\(health)", sourceLocation: location)
        let messages = delivery.messages
        #expect(messages.count == 1, "\(messages)", sourceLocation: location)
        for word in words + [endpoint] {
            #expect(messages.first?.contains(word) == true, "\(word): \(messages)", sourceLocation: location)
        }
        await delivery.shutDown()
    }

    /// Exports to a receiver whose first connections misbehave.
    private static func expectSuccess(
        _ scripts: [MisbehavingReceiver.Script], padding: Int = 0, retries: ClosedRange<UInt64>, connections: Int,
        location: SourceLocation = #_sourceLocation
    ) async throws {
        let receiver = try Receiver { connection, ending in
            let number = connectionNumber.withLock { number in
                number += 1
                return number - 1
            }
            (number < scripts.count ? scripts[number] : accepting)(connection, ending)
        }
        connectionNumber.withLock { $0 = 0 }
        let delivery = try FailingDelivery(to: receiver.url, timeout: .patience, encoding: .grpc)
        delivery.end(10, padding: padding)
        #expect(await delivery.shutDown() == .completed, "\(delivery.messages)", sourceLocation: location)
        let health = try #require(delivery.health)
        #expect(health.exported == 10 && retries.contains(health.retries), "\(health)", sourceLocation: location)
        #expect(receiver.connections == connections && delivery.messages.isEmpty, "\(delivery.messages)", sourceLocation: location)
        receiver.stop()
    }

    private static let connectionNumber = Locked(0)

    private static let accepting: MisbehavingReceiver.Script = { connection, _ in
        guard let peer = HTTP2Peer(connection) else { return }
        while let request = peer.nextRequest() { peer.answer(request.stream) }
    }

    /// Answers the first request of a connection so, and goes on reading until the client closes.
    private static func answering(_ answer: @escaping @Sendable (HTTP2Peer, Int32) -> Void) -> MisbehavingReceiver.Script {
        { connection, _ in
            guard let peer = HTTP2Peer(connection), let request = peer.nextRequest() else { return }
            answer(peer, request.stream)
            while peer.nextRequest() != nil {}
        }
    }

    // MARK: Receivers of something else

    @Test(arguments: ["HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n", "HTTP/1.0 404 Not Found\r\n\r\nNo."])
    func portOfHTTPIsReportedWithTheWayOut(answer: String) async throws {
        let receiver = try Receiver { connection, _ in
            _ = connection.read()
            connection.send(answer)
        }
        try await Self.expectLoss(
            at: receiver.url, .rejected, says: "did not answer in HTTP/2", String(answer.prefix { $0 != "\r\n" }), "http/protobuf", "4317")
        receiver.stop()
    }

    @Test func ownHTTPReceiverIsReportedWithTheWayOut() async throws {
        let receiver = try ScriptedReceiver()
        try await Self.expectLoss(at: receiver.url, .rejected, says: "it answered in HTTP/1", "http/protobuf", "4317")
        await receiver.stop()
    }

    @Test func portOfAnotherProtocolIsReportedAtFirstByte() async throws {
        let tls = try Receiver { connection, ending in
            connection.send([0x15, 3, 3, 0, 2, 2, 40])
            ending.wait()
        }
        try await Self.expectLoss(at: tls.url, .rejected, says: "it speaks TLS", "https")
        tls.stop()
        let ssh = try Receiver { connection, ending in
            connection.send("SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n")
            ending.wait()
        }
        try await Self.expectLoss(at: ssh.url, .rejected, says: "its first bytes are not those of HTTP/2", "4317")
        ssh.stop()
    }

    @Test(arguments: [
        (404, DropReason.rejected), (301, .rejected), (200, .rejected), (503, .unreachable), (502, .unreachable), (504, .unreachable),
    ])
    func answerOfHTTP2WithoutGRPCIsReported(status: Int, reason: DropReason) async throws {
        let receiver = try Receiver { connection, _ in
            guard let peer = HTTP2Peer(connection) else { return }
            while let request = peer.nextRequest() {
                peer.send(
                    HTTP2Frame.headers(request.stream, [(":status", "\(status)"), ("content-type", "text/plain")]),
                    HTTP2Frame.data(request.stream, Array("what?".utf8), isLast: true))
            }
        }
        try await Self.expectLoss(
            at: receiver.url, reason, says: "HTTP status \(status) and content type text/plain instead of gRPC", "4317")
        receiver.stop()
    }

    // A proxy before the receiver answers so to a request that is larger than it takes, as nginx does above client_max_body_size.
    @Test(arguments: [
        (413, DropReason.rejected, "let the receiver take larger requests"), (403, .rejected, "are the credentials in the headers right?"),
        (429, .unreachable, "the receiver is overloaded"),
    ])
    func answerOfProxyHasAdvice(status: Int, reason: DropReason, advice: String) async throws {
        let receiver = try Receiver { connection, _ in
            guard let peer = HTTP2Peer(connection) else { return }
            while let request = peer.nextRequest() {
                peer.send(
                    HTTP2Frame.headers(request.stream, [(":status", "\(status)"), ("content-type", "text/html")]),
                    HTTP2Frame.data(request.stream, Array("no".utf8), isLast: true))
            }
        }
        try await Self.expectLoss(
            at: receiver.url, reason, says: "HTTP status \(status) and content type text/html instead of gRPC", advice)
        receiver.stop()
    }

    @Test func answerWithoutStatusIsRejected() async throws {
        let receiver = try Receiver(
            Self.answering { peer, stream in
                peer.send(HTTP2Frame.headers(stream, HTTP2Peer.head), HTTP2Frame.data(stream, HTTP2Peer.content([]), isLast: true))
            })
        try await Self.expectLoss(at: receiver.url, .rejected, says: "without a status of gRPC")
        receiver.stop()
    }

    @Test func refusedConnectionIsReported() async throws {
        let port = try #require(ScriptedServer.freePort())
        try await Self.expectLoss(
            at: "http://127.0.0.1:\(port)", .unreachable, says: "connection refused by 127.0.0.1:\(port)",
            "is the collector running")
    }

    // MARK: Connections and streams that end

    @Test func connectionClosedWithoutAnswerIsRetriedAndReported() async throws {
        let closing: MisbehavingReceiver.Script = { connection, _ in
            _ = HTTP2Peer(connection)?.nextRequest()
        }
        try await Self.expectSuccess([closing, closing], retries: 2...2, connections: 3)
        let receiver = try Receiver(closing)
        try await Self.expectLoss(
            at: receiver.url, .unreachable, says: "closed the connection before it had answered",
            "does a receiver of OTLP over gRPC listen there, usually on port 4317?")
        receiver.stop()
    }

    @Test func connectionResetDuringBodyIsRetried() async throws {
        let resetting: MisbehavingReceiver.Script = { connection, _ in _ = connection.read() }
        try await Self.expectSuccess([resetting], padding: 50_000, retries: 1...1, connections: 2)
    }

    @Test func truncatedAnswerIsRetried() async throws {
        let half: MisbehavingReceiver.Script = { connection, _ in
            guard let peer = HTTP2Peer(connection), let request = peer.nextRequest() else { return }
            peer.send(HTTP2Frame.headers(request.stream, HTTP2Peer.head), HTTP2Frame.data(request.stream, [0, 0]))
        }
        try await Self.expectSuccess([half], retries: 1...1, connections: 2)
    }

    @Test(arguments: [7, 8] as [UInt32])
    func refusedOrCancelledStreamIsRetried(code: UInt32) async throws {
        try await Self.expectSuccess(
            [Self.answering { peer, stream in peer.send(HTTP2Frame.reset(stream, code: code)) }], retries: 1...1, connections: 2)
    }

    @Test func streamResetWithAnErrorIsRejectedAndNamed() async throws {
        let receiver = try Receiver(Self.answering { peer, stream in peer.send(HTTP2Frame.reset(stream, code: 2)) })
        try await Self.expectLoss(at: receiver.url, .rejected, says: "has reset the request: INTERNAL_ERROR")
        receiver.stop()
    }

    @Test func farewellBeforeTheRequestIsReadIsRetried() async throws {
        let leaving = Self.answering { peer, _ in peer.send(HTTP2Frame.goAway(last: 0, code: 11, "too_many_pings")) }
        try await Self.expectSuccess([leaving], retries: 1...1, connections: 2)
        let receiver = try Receiver(leaving)
        try await Self.expectLoss(
            at: receiver.url, .unreachable,
            says: "has ended the connection: ENHANCE_YOUR_CALM, too_many_pings")
        receiver.stop()
    }

    // MARK: Answers that come badly

    @Test func endlessPingsTimeOut() async throws {
        let receiver = try Receiver { connection, ending in
            guard let peer = HTTP2Peer(connection), peer.nextRequest() != nil else { return }
            while peer.send(HTTP2Frame.ping()), !ending.wait(atMost: .milliseconds(1)) {}
        }
        try await Self.expectLoss(at: receiver.url, .timedOut, timeout: .milliseconds(100), says: "no answer from")
        receiver.stop()
    }

    @Test func unresponsiveReceiverTimesOutAndDoesNotHoldUpTheShutdown() async throws {
        let receiver = try Receiver(Receiver.hanging)
        let delivery = try FailingDelivery(to: receiver.url, timeout: .seconds(3600), encoding: .grpc)
        delivery.end(10_000, padding: 1_000)
        let limit = Deadline.after(.patience)
        #expect(await delivery.system.shutdown(within: .milliseconds(200)) == .timedOut)
        #expect(!limit.hasPassed && delivery.health?.exported == 0)
        #expect(await eventually { delivery.health?.waiting == 0 })
        Diagnostics.setHandler(nil)
        receiver.stop()
    }

    @Test func answerAboveSizeLimitIsRejected() async throws {
        let receiver = try Receiver(
            Self.answering { peer, stream in
                peer.send(HTTP2Frame.headers(stream, HTTP2Peer.head))
                for _ in 0..<1_000 {
                    guard peer.send(HTTP2Frame.data(stream, [UInt8](repeating: 0, count: 16_000))) else { return }
                }
            })
        let exporter = OTLPSpanExporter(
            endpoint: receiver.url, options: OTLPOptions(timeout: .patience, encoding: .grpc, maximumResponseBytes: 20_000))
        let outcome = try await OTLPDelivering.deliver(with: exporter, spans: 2)
        #expect(outcome.health.dropped == [.rejected: 2])
        #expect(outcome.health.lastFailure?.message.contains("is larger than 20000 bytes") == true)
        receiver.stop()
    }
}
