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
                maximumSpread: maximumSpread, maximumSilence: .seconds(3600), pipeliningPause: .seconds(3600))
            url = "http://127.0.0.1:\(port)/"
            let first = try exchange("first")
            submit([first])
            _ = try await answer(of: first).get()
        }

        func exchange(_ target: String, method: String = "POST", allowsPipelining: Bool = true) throws -> HTTPExchange {
            var request = HTTPClient.Request(method: method, url: try #require(HTTPURL(url + target)))
            request.allowsPipelining = allowsPipelining
            return HTTPExchange(request, .after(RawConnection.patience))
        }

        /// Submits requests in one round of the loop.
        func submit(_ exchanges: [HTTPExchange]) { loop.execute { for exchange in exchanges { pool.submit(exchange) } } }

        /// Ends a request as the cancellation of its task does.
        func cancel(_ exchange: HTTPExchange) {
            exchange.finish(.failure(.interrupted))
            loop.execute { pool.cancel(exchange) }
        }

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

    @Test func answerToARequestThatHasEndedPassesBy() async throws {
        let (arrived, gate) = (Semaphore(), Semaphore())
        let server = try ScriptedServer { connection in
            Self.answerNext(on: connection)
            let targets = Self.targets(3, on: connection)
            arrived.post()
            _ = gate.wait(until: .after(RawConnection.patience))
            connection.send(targets.map { Self.answer($0) }.joined())
            Self.answerNext(on: connection)
        }
        let client = try await WarmPool(server.port)
        let exchanges = try ["a", "b", "c"].map { try client.exchange($0) }
        client.submit(exchanges)
        #expect(arrived.wait(until: .after(RawConnection.patience)))
        client.cancel(exchanges[0])
        client.cancel(exchanges[1])
        client.loop.execute { gate.post() }
        #expect(try Self.bodies([await client.answer(of: exchanges[2])]) == ["/c"])
        // The connection is kept: the server has no other one.
        #expect(try Self.bodies(await client.answers(["d"])) == ["/d"])
        client.end()
    }

    @Test func answersToHeadHaveNoBodyWhereverTheyCome() async throws {
        let server = try ScriptedServer { connection in
            Self.answerNext(on: connection)
            _ = Self.targets(3, on: connection)
            let head = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"
            connection.send(head + Self.answer("/b") + head)
        }
        let client = try await WarmPool(server.port)
        let exchanges = try [("a", "HEAD"), ("b", "GET"), ("c", "HEAD")].map { try client.exchange($0, method: $1) }
        client.submit(exchanges)
        var answers: [Answer] = []
        for exchange in exchanges { answers.append(await client.answer(of: exchange)) }
        #expect(try Self.bodies(answers) == ["", "/b", ""])
        client.end()
    }

    /// A connection without a pool, which keeps what the connection tells of it.
    ///
    /// `@unchecked`: used on the loop's thread.
    private final class Owner: HTTPClientConnectionOwner, @unchecked Sendable {
        let loop: EventLoop
        private(set) var connection: HTTPClientConnection?
        let idle = Semaphore()
        private(set) var takenBack: [String] = []
        private(set) var isClosed = false

        init() throws { loop = try #require(EventLoop(named: "test-client")) }

        func becameIdle(_ connection: HTTPClientConnection) { idle.post() }
        func closed(_ connection: HTTPClientConnection) { isClosed = true }
        func takeBack(_ exchange: HTTPExchange) { takenBack.append(exchange.request.url.target) }
        func forgetAddresses(of authority: String) {}

        /// Sends a request alone, on a new connection.
        func connect(_ exchange: HTTPExchange, to port: Int, maximumSilence: Duration) throws {
            let address = try SocketAddress.resolve(host: "127.0.0.1", port: port).get()
            loop.execute {
                let connection = HTTPClientConnection(
                    self, authority: "127.0.0.1:\(port)", maximumResponseBytes: 1000, maximumSilence: maximumSilence)
                self.connection = connection
                connection.start(exchange, address)
            }
        }

        /// Does something on the loop's thread.
        func onLoop<Result: Sendable>(_ body: @escaping @Sendable (Owner) -> Result) async -> Result {
            await withCheckedContinuation { continuation in loop.execute { continuation.resume(returning: body(self)) } }
        }
    }

    private static let hour = Duration.seconds(3600)

    /// Calls a closure with a connection on which `a`, `b` and `c` are sent behind each other, and with those requests, of which `a` has two
    /// hours of time, `b` one, and `c` four.
    private func withThreeRequests(
        maximumSilence: Duration, _ body: (Owner, [HTTPExchange], _ answerFirst: Semaphore) async throws -> Void
    ) async throws {
        let answerFirst = Semaphore()
        let server = try ScriptedServer { connection in
            Self.answerNext(on: connection)
            let targets = Self.targets(3, on: connection)
            _ = answerFirst.wait(until: .after(RawConnection.patience))
            connection.send(Self.answer(targets.first ?? ""))
            _ = connection.read()
        }
        func exchange(_ target: String, _ hours: Int) throws -> HTTPExchange {
            var request = HTTPClient.Request(method: "GET", url: try #require(HTTPURL(server.url + target)))
            request.allowsPipelining = true
            return HTTPExchange(request, .after(Self.hour * hours))
        }
        let owner = try Owner()
        try owner.connect(try exchange("first", 1), to: server.port, maximumSilence: maximumSilence)
        #expect(owner.idle.wait(until: .after(RawConnection.patience)))
        let exchanges = try [exchange("a", 2), exchange("b", 1), exchange("c", 4)]
        await owner.onLoop { $0.connection?.reuse(exchanges[0], before: Array(exchanges[1...])) }
        try await body(owner, exchanges, answerFirst)
        answerFirst.post()
        await owner.onLoop { $0.connection?.close() }
        owner.loop.end()
    }

    @Test func deadlinesOfRequestsOnOneConnectionAreTheirOwn() async throws {
        try await withThreeRequests(maximumSilence: Self.hour * 100) { owner, exchanges, _ in
            for count in [1, 2] {
                // That of `b` comes first, then that of `a`, which is the first on the connection.
                let now = exchanges[count == 1 ? 1 : 0].deadline.nanoseconds
                let next = await owner.onLoop { $0.connection?.checkTime(now) }
                #expect(exchanges.map(\.isDone) == [count == 2, true, false])
                #expect(next == exchanges[count == 1 ? 0 : 2].deadline.nanoseconds)
            }
            #expect(await owner.onLoop { !$0.isClosed && $0.takenBack.isEmpty })
        }
    }

    @Test func requestsBehindALateAnswerAreSentOnOtherConnections() async throws {
        try await withThreeRequests(maximumSilence: .seconds(1000)) { owner, exchanges, answerFirst in
            let due = Deadline.after(.seconds(1001)).nanoseconds
            let next = await owner.onLoop { $0.connection?.checkTime(due) }
            #expect(next == exchanges[0].deadline.nanoseconds)
            #expect(await owner.onLoop { !$0.isClosed && $0.takenBack == ["/b", "/c"] })
            answerFirst.post()
            #expect(await eventually { exchanges[0].isDone })
            #expect(await owner.onLoop { $0.isClosed && $0.takenBack.count == 2 }, "The server answers them here too.")
            #expect(exchanges.map(\.isDone) == [true, false, false])
        }
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
        try await withServer(.patient, handler) { server in
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
