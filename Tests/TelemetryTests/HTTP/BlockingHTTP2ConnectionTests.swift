// Exchanges of the HTTP/2 client, frame by frame.

import Testing

@testable import Telemetry

@Suite(.enabled(if: HTTP2Peer.isAvailable, "nghttp2 is installed."))
struct BlockingHTTP2ConnectionTests {
    private static let ok = [(":status", "200"), ("x", "y")]

    private static func connection(_ receiver: MisbehavingReceiver, maximumResponseBytes: Int = 1 << 20) throws -> BlockingHTTP2Connection {
        BlockingHTTP2Connection(
            to: try #require(HTTPURL(receiver.url)), try NGHTTP2.system.get(), tls: nil, proxy: nil,
            maximumResponseBytes: maximumResponseBytes, varyingField: OTLPGRPCTransport.timeout)
    }

    @Test func requestAndResponseAreCarriedWithTrailers() async throws {
        let receiver = try MisbehavingReceiver { connection, _ in
            guard let peer = HTTP2Peer(connection), let request = peer.nextRequest() else { return }
            let echo = Array("\(request.fields[":path"] ?? "") \(request.fields["a"] ?? "") ".utf8) + request.body
            peer.send(
                HTTP2Frame.headers(request.stream, [(":status", "103"), ("early", "1")]), HTTP2Frame.headers(request.stream, Self.ok),
                HTTP2Frame.ping(), HTTP2Frame.data(request.stream, Array(echo.prefix(3))),
                HTTP2Frame.data(request.stream, Array(echo.dropFirst(3))), HTTP2Frame.headers(request.stream, [("t", "z")], isLast: true))
            _ = peer.nextRequest()
        }
        let response = try await Self.connection(receiver).outcome(path: "/p", headers: [(name: "a", value: "b")], of: ["one ", "", "two"])
            .get()
        #expect(response.status == 200 && response.headers["x"] == "y" && response.headers["early"] == nil)
        #expect(response.trailers["t"] == "z" && String(decoding: response.body, as: UTF8.self) == "/p b one two")
        receiver.stop()
    }

    @Test func eachRequestOfAConnectionHasItsOwnFields() async throws {
        let names = [":method", ":scheme", ":path", "grpc-timeout", "a", "b"]
        let receiver = try MisbehavingReceiver { connection, _ in
            guard let peer = HTTP2Peer(connection) else { return }
            while let request = peer.nextRequest() {
                let echo = names.map { request.fields[$0] ?? "-" }.joined(separator: " ")
                peer.send(
                    HTTP2Frame.headers(request.stream, Self.ok), HTTP2Frame.data(request.stream, Array(echo.utf8), isLast: true))
            }
        }
        let connection = try Self.connection(receiver)
        // The very same array, so that the head of the request is kept and only its timeout changes.
        let same: [(name: String, value: String)] = [("a", "1")]
        let requests: [(path: String, timeout: String?, headers: [(name: String, value: String)], echo: String)] = [
            ("/p", "30000m", same, "POST http /p 30000m 1 -"), ("/p", "29999m", same, "POST http /p 29999m 1 -"),
            ("/p", "9S", same, "POST http /p 9S 1 -"), ("/p", nil, same, "POST http /p - 1 -"),
            ("/p", "12345678m", [("a", "2")], "POST http /p 12345678m 2 -"), ("/q", nil, [], "POST http /q - - -"),
            ("/q", "1m", [("b", "longer than before"), ("a", "")], "POST http /q 1m  longer than before"),
        ]
        for request in requests {
            let response = try await connection.outcome(path: request.path, timeout: request.timeout, headers: request.headers).get()
            #expect(String(decoding: response.body, as: UTF8.self) == request.echo)
        }
        #expect(receiver.connections == 1)
        receiver.stop()
    }

    @Test(arguments: [1, 100, 16_384, 1_000_000] as [UInt32])
    func bodyIsSentWithinTheWindowsOfThePeer(window: UInt32) async throws {
        let receiver = try MisbehavingReceiver { connection, _ in
            guard let peer = HTTP2Peer(connection, settings: [(NGHTTP2.Constant.initialWindowSize, window)]) else { return }
            while let request = peer.nextRequest() {
                let sum = request.body.reduce(0) { $0 &+ Int($1) }
                peer.send(
                    HTTP2Frame.headers(request.stream, Self.ok),
                    HTTP2Frame.data(request.stream, Array("\(request.body.count) \(sum)".utf8), isLast: true))
            }
        }
        let connection = try Self.connection(receiver)
        // A window of one byte makes a frame of each byte.
        let count = window == 1 ? 300 : 300_000
        for _ in 0..<2 {
            let text = String(repeating: "ab", count: count / 2)
            let response = try await connection.outcome(of: [text]).get()
            #expect(String(decoding: response.body, as: UTF8.self) == "\(count) \(count / 2 * 195)")
        }
        #expect(receiver.connections == 1)
        receiver.stop()
    }

    @Test func framesAreAsLongAsThePeerAdmits() async throws {
        let receiver = try MisbehavingReceiver { connection, _ in
            guard let peer = HTTP2Peer(connection) else { return }
            while let request = peer.nextRequest() {
                peer.send(
                    HTTP2Frame.headers(request.stream, Self.ok),
                    HTTP2Frame.data(request.stream, [UInt8(clamping: request.dataFrames)], isLast: true))
            }
        }
        let connection = try Self.connection(receiver)
        // All of them fit into the first windows: 65,535 bytes. (RFC 9113 §6.5.2 and §6.9.2.)
        for (count, frames) in [(1, 1), (16_384, 1), (16_385, 2)] as [(Int, UInt8)] {
            #expect(try await connection.outcome(of: [String(repeating: "x", count: count)]).get().body == [frames])
        }
        receiver.stop()
    }

    @Test func requestWaitsWhileThePeerAdmitsNoStreams() async throws {
        let isWaiting = Semaphore()
        let receiver = try MisbehavingReceiver { connection, _ in
            guard let peer = HTTP2Peer(connection), let first = peer.nextRequest() else { return }
            peer.change([(NGHTTP2.Constant.maximumConcurrentStreams, 0)])
            peer.send(HTTP2Frame.headers(first.stream, Self.ok, isLast: true))
            _ = isWaiting.wait(until: .after(RawConnection.patience))
            peer.change([(NGHTTP2.Constant.maximumConcurrentStreams, 1)])
            if let second = peer.nextRequest() { peer.send(HTTP2Frame.headers(second.stream, Self.ok, isLast: true)) }
            _ = peer.nextRequest()
        }
        let connection = try Self.connection(receiver)
        #expect(await connection.outcome().error == nil)
        #expect(await connection.outcome(within: .milliseconds(100)).error == .timedOut(address: "127.0.0.1:\(receiver.port)"))
        isWaiting.post()
        receiver.stop()
    }

    @Test func farewellEndsTheWaitForAStream() async throws {
        let isAnswered = Semaphore()
        let receiver = try MisbehavingReceiver { connection, ending in
            guard let peer = HTTP2Peer(connection), let first = peer.nextRequest() else { return }
            peer.change([(NGHTTP2.Constant.maximumConcurrentStreams, 0)])
            peer.send(HTTP2Frame.headers(first.stream, Self.ok, isLast: true))
            _ = isAnswered.wait(until: .after(RawConnection.patience))
            // The acknowledgement shows that the client has come back with another request.
            peer.send(HTTP2Frame.ping(Array("come back".utf8.prefix(8))))
            _ = connection.read(until: "come bac")
            peer.send(HTTP2Frame.goAway(last: first.stream, code: 0, "max_age"))
            ending.wait()
        }
        let connection = try Self.connection(receiver)
        #expect(await connection.outcome().error == nil)
        isAnswered.post()
        let address = "127.0.0.1:\(receiver.port)"
        #expect(await connection.outcome().error == .wentAway(address: address, reason: "NO_ERROR, max_age"))
        receiver.stop()
    }

    @Test func answerBeforeTheBodyIsSentEndsTheRequest() async throws {
        let receiver = try MisbehavingReceiver { connection, _ in
            guard let peer = HTTP2Peer(connection, settings: [(NGHTTP2.Constant.initialWindowSize, 0)]) else { return }
            guard let refused = peer.nextHead() else { return }
            peer.send(HTTP2Frame.headers(refused, [(":status", "413")], isLast: true))
            peer.change([(NGHTTP2.Constant.initialWindowSize, 65_535)])
            while let request = peer.nextRequest() { peer.send(HTTP2Frame.headers(request.stream, Self.ok, isLast: true)) }
        }
        let connection = try Self.connection(receiver)
        #expect(try await connection.outcome(of: [String(repeating: "x", count: 100_000)]).get().status == 413)
        #expect(try await connection.outcome(of: ["small"]).get().status == 200)
        #expect(receiver.connections == 1)
        receiver.stop()
    }

    @Test func farewellBetweenRequestsMakesANewConnection() async throws {
        let receiver = try MisbehavingReceiver { connection, ending in
            guard let peer = HTTP2Peer(connection), let request = peer.nextRequest() else { return }
            // A receiver that closes connections by their age says so first, and closes later.
            peer.send(
                HTTP2Frame.headers(request.stream, Self.ok, isLast: true), HTTP2Frame.goAway(last: Int32.max, code: 0, "max_age"),
                HTTP2Frame.ping())
            ending.wait()
        }
        let connection = try Self.connection(receiver)
        for number in 1...3 {
            #expect(try await connection.outcome().get().status == 200)
            #expect(receiver.connections == number)
        }
        receiver.stop()
    }

    @Test func farewellThatComesLaterIsReadBeforeTheNextRequest() async throws {
        let (isAnswered, isSent) = (Semaphore(), Semaphore())
        let receiver = try MisbehavingReceiver { connection, ending in
            guard let peer = HTTP2Peer(connection), let request = peer.nextRequest() else { return }
            peer.send(HTTP2Frame.headers(request.stream, Self.ok, isLast: true))
            _ = isAnswered.wait(until: .after(RawConnection.patience))
            peer.send(HTTP2Frame.ping(), HTTP2Frame.goAway(last: Int32.max, code: 0, "max_age"))
            isSent.post()
            // A request on this connection would not be answered.
            ending.wait()
        }
        let connection = try Self.connection(receiver)
        for number in 1...3 {
            #expect(try await connection.outcome().get().status == 200)
            #expect(receiver.connections == number)
            isAnswered.post()
            #expect(await onOwnThread { isSent.wait(until: .after(RawConnection.patience)) })
        }
        receiver.stop()
    }

    @Test func requestThatAFarewellLeavesOutIsSentAgainOnANewConnection() async throws {
        let receiver = try MisbehavingReceiver { connection, _ in
            guard let peer = HTTP2Peer(connection), let first = peer.nextRequest() else { return }
            peer.send(HTTP2Frame.headers(first.stream, Self.ok, isLast: true))
            guard peer.nextRequest() != nil else { return }
            peer.send(HTTP2Frame.goAway(last: first.stream, code: 0))
            _ = peer.nextRequest()
        }
        let connection = try Self.connection(receiver)
        #expect(try await connection.outcome().get().status == 200)
        #expect(try await connection.outcome().get().status == 200)
        #expect(receiver.connections == 2)
        receiver.stop()
    }

    @Test func keptConnectionThatClosedIsReplacedWithoutAnError() async throws {
        let receiver = try MisbehavingReceiver { connection, _ in
            guard let peer = HTTP2Peer(connection), let request = peer.nextRequest() else { return }
            peer.send(HTTP2Frame.headers(request.stream, Self.ok, isLast: true))
        }
        let connection = try Self.connection(receiver)
        for _ in 1...5 { #expect(try await connection.outcome().get().status == 200) }
        #expect(receiver.connections == 5)
        receiver.stop()
    }

    /// A stream that was refused has not been processed; any other may have been. (RFC 9113 §8.7.)
    @Test(arguments: [HTTP2ErrorCode.refusedStream, HTTP2ErrorCode.cancel])
    func onlyARefusedRequestIsSentAgainOnANewConnection(code: UInt32) async throws {
        let receiver = try MisbehavingReceiver { connection, _ in
            guard let peer = HTTP2Peer(connection), let first = peer.nextRequest() else { return }
            peer.send(HTTP2Frame.headers(first.stream, Self.ok, isLast: true))
            guard let second = peer.nextRequest() else { return }
            peer.send(HTTP2Frame.frame(3, stream: second.stream, [0, 0, 0, UInt8(code)]))
            _ = peer.nextRequest()
        }
        let connection = try Self.connection(receiver)
        #expect(try await connection.outcome().get().status == 200)
        let outcome = await connection.outcome()
        if code == HTTP2ErrorCode.refusedStream {
            #expect(try outcome.get().status == 200 && receiver.connections == 2)
        } else {
            guard case .streamReset(_, code)? = outcome.error else {
                Issue.record("\(outcome)")
                return
            }
            #expect(receiver.connections == 1)
        }
        receiver.stop()
    }

    @Test func farewellDuringAnExchangeLetsItEnd() async throws {
        let receiver = try MisbehavingReceiver { connection, ending in
            guard let peer = HTTP2Peer(connection), let request = peer.nextRequest() else { return }
            peer.send(
                HTTP2Frame.goAway(last: request.stream, code: 0), HTTP2Frame.headers(request.stream, Self.ok),
                HTTP2Frame.data(request.stream, [1], isLast: true))
            ending.wait()
        }
        let connection = try Self.connection(receiver)
        #expect(try await connection.outcome().get().body == [1])
        receiver.stop()
    }

    @Test func interruptionEndsAnExchange() async throws {
        let hasCome = Semaphore()
        let receiver = try MisbehavingReceiver { connection, ending in
            guard let peer = HTTP2Peer(connection), peer.nextRequest() != nil else { return }
            hasCome.post()
            ending.wait()
        }
        let connection = try Self.connection(receiver)
        async let outcome = connection.outcome()
        #expect(await onOwnThread { hasCome.wait(until: .after(RawConnection.patience)) })
        connection.interrupt()
        #expect(await outcome.error == .interrupted)
        receiver.stop()
    }

    // MARK: Bounds and violations

    private static func expectViolation(
        _ says: String, _ frames: @escaping @Sendable (Int32) -> [UInt8], location: SourceLocation = #_sourceLocation
    ) async throws {
        let receiver = try MisbehavingReceiver { connection, _ in
            guard let peer = HTTP2Peer(connection), let request = peer.nextRequest() else { return }
            peer.send(frames(request.stream))
            _ = peer.nextRequest()
        }
        let error = try await connection(receiver).outcome().error
        guard case .brokenHTTP2(_, let reason)? = error else {
            Issue.record("\(String(describing: error))", sourceLocation: location)
            return
        }
        #expect(reason.contains(says), "\(reason)", sourceLocation: location)
        receiver.stop()
    }

    @Test func tooManyFieldsAreRefused() async throws {
        try await Self.expectViolation("the header fields of its answer are too large") { stream in
            HTTP2Frame.headers(stream, Self.ok + (0..<200).map { ("n\($0)", "v") })
        }
        try await Self.expectViolation("the header fields of its answer are too large") { stream in
            // Blocks that are small and few, of a response that never ends.
            (0..<40).flatMap { _ in HTTP2Frame.headers(stream, [(":status", "103"), ("n", String(repeating: "v", count: 1_000))]) }
        }
    }

    @Test func framesThatViolateHTTP2AreRefused() async throws {
        try await Self.expectViolation("") { HTTP2Frame.frame(0, stream: $0, [UInt8](repeating: 0, count: 20_000)) }
        try await Self.expectViolation("") { HTTP2Frame.headers($0, [("no-status", "1")]) }
        try await Self.expectViolation("") { HTTP2Frame.frame(1, flags: 4, stream: $0, [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]) }
        try await Self.expectViolation("") { _ in
            HTTP2Frame.frame(8, stream: 0, [0x7F, 0xFF, 0xFF, 0xFF]) + HTTP2Frame.frame(8, stream: 0, [0x7F, 0xFF, 0xFF, 0xFF])
        }
        try await Self.expectViolation("") { _ in HTTP2Frame.frame(5, flags: 4, stream: 1, [0, 0, 0, 2, 0x82]) }
    }
}

extension BlockingHTTP2Connection {
    /// Posts texts on a thread of its own, as the export worker does.
    func outcome(
        path: String = "/", timeout: String? = nil, headers: [(name: String, value: String)] = [], of pieces: [String] = ["x"],
        within duration: Duration = RawConnection.patience
    ) async -> Result<HTTP2Response, HTTPClientError> {
        await onOwnThread {
            let bytes = pieces.map { Array($0.utf8) }
            let joined = bytes.flatMap { $0 }
            return joined.withUnsafeBytes { joined -> Result<HTTP2Response, HTTPClientError> in
                var start = 0
                let parts = bytes.map { piece in
                    defer { start += piece.count }
                    return UnsafeRawBufferPointer(rebasing: joined[start..<start + piece.count])
                }
                do throws(HTTPClientError) {
                    return .success(try self.post(path, varying: timeout, headers: headers, body: parts, deadline: .after(duration)))
                } catch {
                    return .failure(error)
                }
            }
        }
    }
}
