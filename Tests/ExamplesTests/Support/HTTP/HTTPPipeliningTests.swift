// Requests that are sent behind each other on one connection, and what becomes of them when it ends.

import Synchronization
import Testing

@testable import ExampleSupport
@testable import Telemetry

struct HTTPPipeliningTests {
    private typealias Answer = Result<HTTPResponse, HTTPClientError>

    /// A pool whose host has a kept connection.
    private struct WarmPool {
        let loop: EventLoop
        let pool: HTTPClientPool
        let url: String

        /// - Parameter maximumSpread: how long requests may wait for those before them on their connection.
        init(_ port: Int, maximumSpread: Duration = .seconds(3600), maximumConnections: Int = 16) async throws {
            loop = try #require(EventLoop(named: "test-client"))
            pool = HTTPClientPool(
                loop: loop, maximumResponseBytes: 1000, maximumConnectionsPerHost: maximumConnections,
                maximumSpread: maximumSpread, pipeliningPause: .seconds(3600))
            url = "http://127.0.0.1:\(port)/"
            let first = try exchange("first")
            submit([first])
            _ = try await answer(of: first).get()
        }

        func exchange(_ target: String, method: String = "POST", allowsPipelining: Bool = true, within limit: Duration? = nil) throws
            -> HTTPExchange
        {
            var request = HTTPClient.Request(method: method, url: try #require(HTTPURL(url + target)))
            request.allowsPipelining = allowsPipelining
            return HTTPExchange(request, .after(limit ?? RawConnection.patience))
        }

        /// Submits requests in one round of the loop.
        func submit(_ exchanges: [HTTPExchange]) { loop.execute { for exchange in exchanges { pool.submit(exchange) } } }

        /// Submits requests together and returns their answers in the order of the targets.
        func answers(_ targets: [String], method: String = "POST", allowsPipelining: Bool = true) async throws -> [Answer] {
            let exchanges = try targets.map { try exchange($0, method: method, allowsPipelining: allowsPipelining) }
            submit(exchanges)
            var answers: [Answer] = []
            for exchange in exchanges { answers.append(await answer(of: exchange)) }
            return answers
        }

        func answer(of exchange: HTTPExchange) async -> Answer {
            await withCheckedContinuation { continuation in exchange.whenDone { continuation.resume(returning: $0) } }
        }

        func end() {
            loop.execute { pool.shutdown() }
            loop.end()
        }
    }

    private static func answer(_ body: String, _ fields: String = "") -> String {
        "HTTP/1.1 200 OK\r\nContent-Length: \(body.utf8.count)\r\n\(fields)\r\n\(body)"
    }

    private static func bodies(_ answers: [Answer]) throws -> [String] {
        try answers.map { String(decoding: try $0.get().body.bytes, as: UTF8.self) }
    }

    /// Reads requests and returns their targets, without answering.
    private static func targets(_ count: Int, on connection: RawConnection) -> [String] {
        (0..<count).compactMap { _ in connection.nextRequest()?.head.target }
    }

    private static func answerNext(on connection: RawConnection) {
        for target in targets(1, on: connection) { connection.send(answer(target)) }
    }

    /// Expects the answers to requests that are submitted together.
    private func expectAnswers(_ targets: [String], from server: ScriptedServer) async throws {
        let client = try await WarmPool(server.port)
        #expect(try Self.bodies(try await client.answers(targets)) == targets.map { "/" + $0 })
        client.end()
    }

    @Test func requestsOfOneRoundShareAConnection() async throws {
        let server = try ScriptedServer { connection in
            Self.answerNext(on: connection)
            // All are there before one is answered.
            connection.send(Self.targets(3, on: connection).map { Self.answer($0) }.joined())
        }
        try await expectAnswers(["a", "b", "c"], from: server)
    }

    @Test func answersMayComeInPiecesOfAnySize() async throws {
        let server = try ScriptedServer { connection in
            Self.answerNext(on: connection)
            for byte in Array(Self.targets(3, on: connection).map { Self.answer($0) }.joined().utf8) { connection.send([byte]) }
        }
        try await expectAnswers(["a", "b", "c"], from: server)
    }

    @Test(arguments: ["", "Connection: close\r\n"])
    func requestsBehindTheLastAnswerAreSentAgainOnConnectionsOfTheirOwn(fields: String) async throws {
        let single: @Sendable (RawConnection) -> Void = { Self.answerNext(on: $0) }
        let server = try ScriptedServer(
            { connection in
                Self.answerNext(on: connection)
                if let target = Self.targets(3, on: connection).first { connection.send(Self.answer(target, fields)) }
                // The field alone must do: the server waits for the client to close.
                if !fields.isEmpty { _ = connection.read() }
            }, single, single)
        try await expectAnswers(["a", "b", "c"], from: server)
    }

    @Test func allAreSentAgainWhenTheConnectionEndsBeforeAnyAnswer() async throws {
        let single: @Sendable (RawConnection) -> Void = { Self.answerNext(on: $0) }
        let server = try ScriptedServer(
            { connection in
                Self.answerNext(on: connection)
                _ = Self.targets(2, on: connection)
            }, single, single)
        try await expectAnswers(["a", "b"], from: server)
    }

    @Test func truncatedAnswerFailsItsRequestAlone() async throws {
        let server = try ScriptedServer(
            { connection in
                Self.answerNext(on: connection)
                _ = Self.targets(2, on: connection)
                connection.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this")
            }, { connection in Self.answerNext(on: connection) })
        let client = try await WarmPool(server.port)
        let answers = try await client.answers(["a", "b"])
        #expect(throws: HTTPClientError.closedEarly(address: "127.0.0.1:\(server.port)")) { try answers[0].get() }
        #expect(try Self.bodies([answers[1]]) == ["/b"])
        client.end()
    }

    @Test func deadlineOfARequestBehindOthersIsItsOwn() async throws {
        let gate = Semaphore()
        let server = try ScriptedServer { connection in
            Self.answerNext(on: connection)
            let targets = Self.targets(3, on: connection)
            _ = gate.wait(until: .after(RawConnection.patience))
            connection.send(targets.map { Self.answer($0) }.joined())
        }
        let client = try await WarmPool(server.port)
        let exchanges = try [client.exchange("a"), client.exchange("b", within: .milliseconds(50)), client.exchange("c")]
        client.submit(exchanges)
        let late = await client.answer(of: exchanges[1])
        #expect(throws: HTTPClientError.timedOut(address: "127.0.0.1:\(server.port)")) { try late.get() }
        gate.post()
        #expect(try Self.bodies([await client.answer(of: exchanges[0]), await client.answer(of: exchanges[2])]) == ["/a", "/c"])
        client.end()
    }

    /// Returns from how many connections a server gets nine requests that are submitted together.
    private func connectionCount(
        maximumSpread: Duration = .seconds(3600), allowsPipelining: Bool = true, maximumConnections: Int = 16
    ) async throws -> Int {
        let ports = Mutex<Set<Int>>([])
        let handler: HTTPServer.Handler = { request in
            _ = ports.withLock { $0.insert(request.peerPort) }
            return .text(request.target)
        }
        try await withServer(HTTPServerOptions(), handler) { server in
            let client = try await WarmPool(server.port, maximumSpread: maximumSpread, maximumConnections: maximumConnections)
            let targets = (1...9).map { "\($0)" }
            let answers = try await client.answers(targets, method: "GET", allowsPipelining: allowsPipelining)
            #expect(try Self.bodies(answers) == targets.map { "/" + $0 })
            client.end()
        }
        return ports.withLock { $0.count }
    }

    @Test func eightRequestsShareAConnectionAtMost() async throws {
        #expect(try await connectionCount() == 2)
        #expect(try await connectionCount(maximumConnections: 1) == 1)
    }

    @Test func requestsHaveConnectionsOfTheirOwnWhereOthersHadToWait() async throws {
        #expect(try await connectionCount(maximumSpread: .nanoseconds(-1)) == 9)
    }

    @Test func requestsThatDoNotAllowItHaveConnectionsOfTheirOwn() async throws {
        #expect(try await connectionCount(allowsPipelining: false) == 9)
    }
}
