// Answers that are sent together, at the end of a round of the server's thread.

import Testing

@testable import Telemetry

struct HTTPServerRoundTests {
    private func start(
        holdTime: Duration = .seconds(3600), _ change: (inout HTTPServerOptions) -> Void = { _ in }, _ handler: @escaping HTTPServer.Handler
    ) throws -> HTTPServer {
        var options = HTTPServerOptions.patient
        options.holdTime = holdTime
        options.startsHandlersOnItsThread = true
        change(&options)
        return try HTTPServer.start(host: "127.0.0.1", port: 0, options: options, handler: handler)
    }

    private static func get(_ target: String) -> String { "GET \(target) HTTP/1.1\r\nHost: a\r\n\r\n" }
    private static let last = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"

    /// Sends a text on each of several connections while the thread is held up, so that it finds all of them ready at once.
    private func send(_ text: String, on connections: [RawConnection], with release: Semaphore) throws -> RawConnection {
        let first = try #require(connections.first)
        first.send(Self.get("/hold"))
        for connection in connections.dropFirst() { connection.send(text) }
        release.post()
        return first
    }

    @Test(arguments: [1, 40])
    private func connectionsThatAreReadyTogetherAreAllAnswered(connectionCount: Int) async throws {
        let release = Semaphore()
        let server = try start { request in
            if request.target == "/hold" { _ = release.wait(until: .after(RawConnection.patience)) }
            return .text("answer")
        }
        let connections = try (0...connectionCount).map { _ in try #require(RawConnection(port: server.port)) }
        let first = try send(Self.get("/") + Self.get("/") + Self.last, on: connections, with: release)
        for connection in connections.dropFirst() {
            // What a client sends last may end with the end of its half of the connection.
            connection.shutDownSending()
            #expect(await connection.readToEnd().matches(of: /\r\n\r\nanswer/).count == 3)
        }
        #expect(await first.nextResponse()?.body == Array("answer".utf8))
        await server.shutdown(within: .seconds(1))
    }

    @Test func heldAnswersAreSentWhereMemoryIsShort() async throws {
        let release = Semaphore()
        let server = try start {
            $0.maximumHeldBytes = 40_000
        } _: { request in
            if request.target == "/hold" { _ = release.wait(until: .after(RawConnection.patience)) }
            return HTTPResponse(status: 200, body: [UInt8](repeating: 65, count: 12_000))
        }
        let connections = try (0...10).map { _ in try #require(RawConnection(port: server.port)) }
        let first = try send(Self.get("/"), on: connections, with: release)
        for connection in connections { #expect(await connection.nextResponse()?.body.count == 12_000) }
        for connection in connections {
            connection.send(Self.get("/"))
            #expect(await connection.nextResponse()?.body.count == 12_000, "The connection goes on.")
        }
        #expect(!first.isEnded)
        await server.shutdown(within: .seconds(1))
    }

    @Test func answersAreSentBeforeAnotherConnectionIsServedOnceOneTookLong() async throws {
        let (release, isRead) = (Semaphore(), Semaphore())
        let gate = Gate()
        let server = try start(holdTime: .microseconds(200)) { request in
            let deadline = Deadline.after(RawConnection.patience)
            switch request.target {
            case "/hold": _ = release.wait(until: deadline)
            case "/long":
                // Longer than answers are held, and without an answer of its own.
                let end = Deadline.after(.milliseconds(2))
                while !end.hasPassed { WorkerThread.letOthersRun() }
                await gate.pass()
            case "/blocking": if !isRead.wait(until: deadline) { return .text("the answer before was withheld") }
            default: break
            }
            return .text(request.target)
        }
        let targets = ["/hold", "/first", "/long", "/blocking"]
        let connections = try targets.map { _ in try #require(RawConnection(port: server.port)) }
        for (connection, target) in zip(connections, targets) { connection.send(Self.get(target)) }
        release.post()
        #expect(await connections[1].nextResponse()?.body == Array("/first".utf8))
        isRead.post()
        #expect(await connections[3].nextResponse()?.body == Array("/blocking".utf8))
        gate.open()
        #expect(await connections[2].nextResponse()?.body == Array("/long".utf8))
        await server.shutdown(within: .seconds(1))
    }

    @Test func shutdownAnswersRequestThatIsHalfReadBehindHeldAnswer() async throws {
        let (first, second) = (Semaphore(), Semaphore())
        let (began, reached) = (Gate(), Gate())
        let server = try start { request in
            let deadline = Deadline.after(RawConnection.patience)
            if request.target == "/first" {
                began.open()
                _ = first.wait(until: deadline)
            }
            if request.target == "/second" {
                reached.open()
                _ = second.wait(until: deadline)
            }
            return .text(request.target)
        }
        let connections = try (0..<3).map { _ in try #require(RawConnection(port: server.port)) }
        connections[0].send(Self.get("/first"))
        await began.pass()
        // The next round has these two, in this order.
        connections[1].send(Self.get("/second"))
        connections[2].send(Self.get("/a") + "GET /b HTTP/1.1\r\nHos")
        first.post()
        await reached.pass()
        // It has submitted its work to the thread when it first waits.
        let end = Task.immediate { await server.shutdown(within: .patience) }
        second.post()
        #expect(await connections[2].nextResponse()?.body == Array("/a".utf8))
        connections[2].send("t: a\r\n\r\n")
        #expect(await connections[2].nextResponse()?.body == Array("/b".utf8))
        await end.value
    }

    @Test func idleTimeBeginsWithHeldAnswer() async throws {
        let gate = Gate()
        let server = try start {
            $0.idleTimeout = .seconds(1)
            $0.sendTimeout = .seconds(3600)
        } _: { request in
            if request.target == "/wait" { await gate.pass() }
            return .text("answer")
        }
        let connection = try #require(RawConnection(port: server.port))
        connection.send(Self.get("/wait"))
        #expect(await eventually { gate.arrivals == 1 })
        // When one that came later is closed for being idle, the time of this one was looked at while its handler ran.
        let idle = try #require(RawConnection(port: server.port))
        #expect(await idle.readToEnd() == "")
        gate.open()
        #expect(await connection.readToEnd().hasSuffix("answer"))
        await server.shutdown(within: .seconds(1))
    }

    @Test func bytesForPeerThatIsGoneAreNotKept() async throws {
        let gate = Gate()
        let server = try start { _ in
            HTTPResponse(
                status: 200,
                stream: { writer in
                    await gate.pass()
                    for _ in 0..<10 { await writer.write([UInt8](repeating: 65, count: 10_000)) }
                })
        }
        let connection = try #require(RawConnection(port: server.port))
        connection.send(Self.get("/"))
        _ = await connection.read(until: "\r\n\r\n")
        connection.close()
        gate.open()
        await server.shutdown(within: .patience)
        #expect(server.memory.total == 0)
    }

    @Test func outputIsHeldBelowLimitBehindHeldBytesOnly() {
        var output = HTTPServerOutput()
        output.append([1, 2, 3], heldUpTo: 10)
        #expect(output.isHeld && output.waitingCount == 3)
        output.append([4, 5, 6], heldUpTo: 10)
        #expect(output.isHeld && output.waitingCount == 6)
        output.append([7, 8, 9, 10], heldUpTo: 10)
        #expect(!output.isHeld && output.waitingCount == 10)
        output.append([11], heldUpTo: 100)
        #expect(!output.isHeld, "What is before it is not held.")
        output.removeAll()
        output.append([1], heldUpTo: 0)
        #expect(!output.isHeld && output.waitingCount == 1)
    }
}
