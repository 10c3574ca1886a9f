// Failures of receivers and networks: counts, reports, and callers that are not blocked.

import Synchronization
import Testing

@testable import Telemetry

/// Serialized: the diagnostics have one handler, which each test replaces.
@Suite(.serialized) struct OTLPFailureTests {
    private typealias Receiver = MisbehavingReceiver

    /// More than one batch, so that several exports fail.
    private static let spanCount = FailingDelivery.batchSize * 2 + 10

    /// Exports to a receiver that accepts nothing: each span is counted under the reason, and one message contains all the words.
    /// Only a receiver that never answers is given little time.
    private static func expectLoss(
        at endpoint: String, _ reason: DropReason, padding: Int = 0, says words: [String], location: SourceLocation = #_sourceLocation
    ) async throws {
        let timeout: Duration = reason == .timedOut ? .milliseconds(250) : .patience
        let delivery = try FailingDelivery(to: endpoint, timeout: timeout, retry: FailingDelivery.oneRetry)
        delivery.end(spanCount, padding: padding)
        let result = await delivery.system.forceFlush()
        #expect(result == .failed, sourceLocation: location)
        let health = try #require(delivery.health)
        #expect(health.accepted == UInt64(spanCount) && health.exported == 0 && health.waiting == 0, sourceLocation: location)
        #expect(health.dropped == [reason: UInt64(spanCount)], sourceLocation: location)
        let messages = delivery.messages
        #expect(messages.count == 1, "All failed batches are reported in one message: \(messages)", sourceLocation: location)
        for word in words + [endpoint] {
            #expect(messages.first?.contains(word) == true, "\(word): \(messages)", sourceLocation: location)
            #expect(health.lastFailure?.message.contains(word) == true, sourceLocation: location)
        }
        let limit = Deadline.after(.patience)
        await delivery.shutDown(within: .seconds(3600))
        #expect(!limit.hasPassed, sourceLocation: location)
    }

    /// The same with a receiver, which is stopped afterwards.
    private static func expectLoss(
        at receiver: MisbehavingReceiver, _ reason: DropReason, padding: Int = 0, says words: String...,
        location: SourceLocation = #_sourceLocation
    ) async throws {
        try await expectLoss(at: receiver.url, reason, padding: padding, says: words, location: location)
    }

    /// Exports to a receiver that accepts everything in the end.
    private static func expectSuccess(
        at receiver: MisbehavingReceiver, timeout: Duration = .patience, padding: Int = 0, retries: ClosedRange<UInt64>,
        location: SourceLocation = #_sourceLocation
    ) async throws {
        let delivery = try FailingDelivery(to: receiver.url, timeout: timeout)
        delivery.end(spanCount, padding: padding)
        let result = await delivery.shutDown()
        #expect(result == .completed, "\(delivery.messages)", sourceLocation: location)
        let health = try #require(delivery.health)
        #expect(health.accepted == health.exported && health.exported == UInt64(spanCount), sourceLocation: location)
        #expect(retries.contains(health.retries), "\(health.retries)", sourceLocation: location)
        #expect(delivery.messages.isEmpty, "\(delivery.messages)", sourceLocation: location)
    }

    // MARK: No connection

    @Test func refusedConnectionIsRetriedAndReported() async throws {
        let port = try #require(ScriptedServer.freePort())
        try await Self.expectLoss(
            at: "http://127.0.0.1:\(port)", .unreachable, says: ["connection refused by 127.0.0.1:\(port)", "is the collector running"])
    }

    @Test func unknownHostIsReportedByName() async throws {
        try await Self.expectLoss(
            at: "http://collector.invalid:4318", .unreachable, says: ["the host collector.invalid cannot be found", "is the name"])
    }

    @Test func lateReceiverGetsEverySpan() async throws {
        let gate = Semaphore()
        let receiver = try Receiver(after: gate, Receiver.accepting)
        let delivery = try FailingDelivery(to: receiver.url, timeout: .patience)
        delivery.end(Self.spanCount)
        async let result = delivery.system.forceFlush()
        #expect(await eventually { (delivery.health?.accepted ?? 0) == UInt64(Self.spanCount) })
        #expect(delivery.health?.exported == 0, "No span is exported before the receiver accepts connections.")
        gate.post()
        #expect(await result == .completed)
        #expect(delivery.health?.exported == UInt64(Self.spanCount) && delivery.messages.isEmpty)
        await delivery.shutDown()
        receiver.stop()
    }

    // MARK: Silence

    /// Ends many spans while the receiver accepts nothing, and shuts down: callers never wait, memory is bounded, every span is counted.
    private static func expectIndependence(
        of endpoint: String, spans count: Int = 10_000, queueSize: Int = 512, padding: Int = 0,
        location: SourceLocation = #_sourceLocation
    ) async throws {
        let delivery = try FailingDelivery(to: endpoint, timeout: .seconds(3600), queueSize: queueSize)
        defer { Diagnostics.setHandler(nil) }
        // The export would last an hour, so that the test would not end if ending a span waited for it.
        let limit = Deadline.after(.patience)
        delivery.end(count, padding: padding)
        #expect(!limit.hasPassed, sourceLocation: location)
        let before = try #require(delivery.health)
        #expect(before.accepted == UInt64(count) && before.exported == 0, sourceLocation: location)
        #expect(
            before.waiting <= UInt64(queueSize + FailingDelivery.batchSize), "No more spans wait than the queue and one batch hold.",
            sourceLocation: location)
        #expect(before.dropped == [.queueFull: before.accepted - before.waiting], sourceLocation: location)
        #expect(delivery.messages.count == 1, "\(delivery.messages)", sourceLocation: location)
        #expect(delivery.messages.first?.contains("\(endpoint)/v1/traces is slow or away") == true, sourceLocation: location)

        let end = Deadline.after(.patience)
        #expect(await delivery.system.shutdown(within: .milliseconds(200)) == .timedOut, sourceLocation: location)
        #expect(!end.hasPassed, "The shutdown keeps its deadline.", sourceLocation: location)
        #expect(await eventually { delivery.health?.waiting == 0 }, sourceLocation: location)
        let after = try #require(delivery.health)
        #expect(after.accepted == after.exported + after.droppedCount && after.exported == 0, sourceLocation: location)
        #expect(after.lastFailure != nil, sourceLocation: location)
        // Both messages name the receiver: the one about slow exports and the one about dropped spans.
        let messages = delivery.messages
        #expect(messages.allSatisfy { $0.contains(endpoint) }, "\(messages)", sourceLocation: location)
    }

    @Test func receiverThatNeverReadsDoesNotBlockCallers() async throws {
        let receiver = try Receiver(Receiver.hanging)
        // The request exceeds the system's buffers, so that sending blocks.
        try await Self.expectIndependence(of: receiver.url, spans: 1_000, queueSize: 128, padding: 100_000)
        receiver.stop()
    }

    @Test func unresponsiveReceiverDoesNotBlockCallers() async throws {
        let receiver = try Receiver { connection, _ in _ = connection.readToEnd() }
        try await Self.expectIndependence(of: receiver.url)
        receiver.stop()
    }

    @Test func unreachableAddressDoesNotBlockCallers() async throws {
        let hole = try BlackHole()
        try await Self.expectIndependence(of: hole.url)
        hole.end()
    }

    @Test func connectionToUnreachableAddressTimesOut() async throws {
        let hole = try BlackHole()
        try await Self.expectLoss(at: hole.url, .timedOut, says: ["no answer from 127.0.0.1", "firewall"])
        hole.end()
    }

    @Test func requestToUnresponsiveReceiverTimesOut() async throws {
        let receiver = try Receiver { connection, _ in _ = connection.readToEnd() }
        try await Self.expectLoss(at: receiver, .timedOut, says: "no answer from 127.0.0.1:\(receiver.port) in time", "overloaded")
    }

    // MARK: Answers that come badly

    @Test func responseInSingleBytesIsRead() async throws {
        let receiver = try Receiver { connection, ending in
            while connection.nextRequest() != nil {
                for character in Receiver.response(200) {
                    ending.wait(atMost: .milliseconds(1))
                    guard connection.send(String(character)) else { return }
                }
            }
        }
        try await Self.expectSuccess(at: receiver, retries: 0...0)
        #expect(receiver.connections == 1)
    }

    @Test func endlessResponseTimesOut() async throws {
        let receiver = try Receiver { connection, ending in
            guard connection.nextRequest() != nil, connection.send("HTTP/1.1 200 OK\r\nX: ") else { return }
            while !ending.wait(atMost: .milliseconds(5)), connection.send("x") {}
        }
        try await Self.expectLoss(at: receiver, .timedOut, says: "no answer from", "in time")
    }

    @Test func truncatedResponseIsRetried() async throws {
        let half: MisbehavingReceiver.Script = { connection, _ in
            guard connection.nextRequest() != nil else { return }
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this")
        }
        try await Self.expectSuccess(at: Receiver(half, half, Receiver.accepting), retries: 1...2)
        try await Self.expectLoss(
            at: Receiver(half), .unreachable, says: "closed the connection before it had answered", "does a receiver of OTLP over HTTP")
    }

    @Test func connectionResetDuringBodyIsRetried() async throws {
        let resetting: MisbehavingReceiver.Script = { connection, _ in
            // Closing a connection with unread bytes resets it.
            _ = connection.read()
        }
        try await Self.expectSuccess(at: Receiver(resetting, Receiver.accepting), padding: 50_000, retries: 1...1)
        try await Self.expectLoss(
            at: Receiver(resetting), .unreachable, padding: 50_000, says: "closed the connection before it had answered")
    }

    @Test func responseOfTenMebibytesIsNotRead() async throws {
        let receiver = try Receiver(Receiver.answering(200, body: String(repeating: "x", count: 10 << 20)))
        try await Self.expectLoss(
            at: receiver, .rejected, says: "is larger than 4194304 bytes", "does a receiver of OTLP over HTTP")
    }

    @Test func responseThatIsNoHTTPIsReported() async throws {
        let receiver = try Receiver { connection, _ in
            guard connection.nextRequest() != nil else { return }
            connection.send("SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n")
        }
        try await Self.expectLoss(at: receiver, .rejected, says: "did not answer in HTTP/1.1")
    }

    @Test(arguments: [true, false])
    func grpcPortIsReportedAtFirstByte(speaksFirst: Bool) async throws {
        // An empty SETTINGS frame is the server's preface of HTTP/2.
        let receiver = try Receiver { connection, ending in
            if !speaksFirst { _ = connection.read() }
            connection.send("\0\0\0\u{4}\0\0\0\0\0")
            ending.wait()
        }
        try await Self.expectLoss(at: receiver, .rejected, says: "gRPC", "4318")
    }

    @Test func tlsPortIsReportedAtFirstByte() async throws {
        let receiver = try Receiver { connection, ending in
            _ = connection.read()
            connection.send("\u{15}\u{3}\u{3}\0\u{2}\u{2}\u{28}")
            ending.wait()
        }
        try await Self.expectLoss(at: receiver, .rejected, says: "it speaks TLS", "https")
    }
}

/// A port whose queue of connections is full, so that connecting gets no answer.
private final class BlackHole: Sendable {
    let url: String
    private let receiver: MisbehavingReceiver
    private let fillers: [Socket]
    private let gate: Semaphore

    init() throws {
        let gate = Semaphore()
        self.gate = gate
        receiver = try MisbehavingReceiver(backlog: 0, after: gate, MisbehavingReceiver.accepting)
        url = receiver.url
        let address = try #require(try SocketAddress.resolve(host: "127.0.0.1", port: receiver.port, isNumeric: true).get().first)
        // One connection more than the queue holds is established; later ones get no answer to their first packet.
        var fillers: [Socket] = []
        for _ in 0..<4 { fillers.append(try Socket.connecting(to: address)) }
        self.fillers = fillers
    }

    func end() {
        receiver.stop()
        gate.post()
    }
}
