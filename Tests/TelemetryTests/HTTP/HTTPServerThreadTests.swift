// Handlers that begin on the thread of the server.

import Synchronization
import Testing

@testable import Telemetry

struct HTTPServerThreadTests {
    private func start(holdTime: Duration = HTTPServerOptions().holdTime, _ handler: @escaping HTTPServer.Handler) throws -> HTTPServer {
        var options = HTTPServerOptions.patient
        options.holdTime = holdTime
        options.startsHandlersOnItsThread = true
        return try HTTPServer.start(host: "127.0.0.1", port: 0, options: options, handler: handler)
    }

    private static let get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
    private static let last = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"

    @Test func handlersWithoutSuspensionRunOnOneThread() async throws {
        let threads = Mutex<Set<UInt>>([])
        let server = try start { _ in
            _ = threads.withLock { $0.insert(WorkerThread.current) }
            return .text("done")
        }
        for _ in 0..<20 { #expect(await RawConnection.answer(port: server.port, to: Self.last).hasSuffix("done")) }
        #expect(threads.withLock { $0.count } == 1)
        await server.shutdown(within: .seconds(1))
    }

    @Test func handlerGoesOnInThePoolAfterItSuspends() async throws {
        let gate = Gate()
        let server = try start { request in
            guard request.path == "/wait" else { return .text("at once") }
            await gate.pass()
            return .text("later")
        }
        let waiting = try #require(RawConnection(port: server.port))
        waiting.send("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(await eventually { gate.arrivals == 1 })
        #expect(await RawConnection.answer(port: server.port, to: Self.last).hasSuffix("at once"))
        gate.open()
        #expect(await waiting.nextResponse()?.body == Array("later".utf8))
        await server.shutdown(within: .seconds(1))
    }

    /// Each would take a part of the stack of the thread if its answer were sent from within the call that handled the one before.
    @Test func pipelinedRequestsAreAnsweredInOrderWithoutNesting() async throws {
        let handled = Counter()
        let server = try start { _ in .text("no. \(handled.next());") }
        let answers = await RawConnection.answer(port: server.port, to: String(repeating: Self.get, count: 5000) + Self.last)
        let numbers = answers.matches(of: /\r\nno. (\d+);/).map { Int($0.1) }
        // Thousands of numbers would fill the report of a failure.
        #expect(numbers.count == 5001 && numbers == (1...5001).map { $0 })
        await server.shutdown(within: .seconds(1))
    }

    @Test func answersToRequestsThatCameTogetherAreSentTogether() async throws {
        let server = try start(holdTime: .seconds(3600)) { .text($0.target) }
        let connection = try #require(RawConnection(port: server.port))
        connection.send("GET /a HTTP/1.1\r\nHost: a\r\n\r\nGET /b HTTP/1.1\r\nHost: a\r\n\r\nGET /c HTTP/1.1\r\nHost: a\r\n\r\nGET /d")
        let first = String(decoding: await connection.read(), as: UTF8.self)
        #expect(first.matches(of: /\r\n\r\n\/(.)/).map { $0.1 } == ["a", "b", "c"])
        // The rest of the last request is still to come.
        connection.send(" HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(await connection.nextResponse()?.body == Array("/d".utf8))
        await server.shutdown(within: .seconds(1))
    }

    @Test func answersAreSentBeforeALaterRequestWaits() async throws {
        let gate = Gate()
        let server = try start { request in
            if request.target == "/wait" { await gate.pass() }
            return .text(request.target)
        }
        let connection = try #require(RawConnection(port: server.port))
        connection.send("GET /a HTTP/1.1\r\nHost: a\r\n\r\nGET /wait HTTP/1.1\r\nHost: a\r\n\r\n" + Self.last)
        #expect(await connection.nextResponse()?.body == Array("/a".utf8))
        gate.open()
        #expect(await connection.nextResponse()?.body == Array("/wait".utf8))
        #expect(await connection.nextResponse()?.body == Array("/".utf8))
        await server.shutdown(within: .seconds(1))
    }

    @Test func answersAreSentBeforeTheNextHandlerOnceOneTookLong() async throws {
        let isRead = Semaphore()
        let server = try start { request in
            let deadline = Deadline.after(RawConnection.patience)
            switch request.target {
            case "/long":
                // Longer than answers are held.
                let end = Deadline.after(.milliseconds(2))
                while !end.hasPassed { WorkerThread.letOthersRun() }
            case "/blocking": if !isRead.wait(until: deadline) { return .text("the answers before were withheld") }
            default: break
            }
            return .text(request.target)
        }
        let connection = try #require(RawConnection(port: server.port))
        let targets = ["/a", "/long", "/blocking"]
        connection.send(targets.map { "GET \($0) HTTP/1.1\r\nHost: a\r\n\r\n" }.joined())
        #expect(await connection.nextResponse()?.body == Array("/a".utf8))
        #expect(await connection.nextResponse()?.body == Array("/long".utf8))
        isRead.post()
        #expect(await connection.nextResponse()?.body == Array("/blocking".utf8))
        await server.shutdown(within: .seconds(1))
    }

    @Test func answersDoNotAccumulateForClientThatReadsNone() async throws {
        let handled = Counter()
        let server = try start { _ in
            handled.next()
            return HTTPResponse(status: 200, body: [UInt8](repeating: 0, count: 1_000_000))
        }
        let connection = try #require(RawConnection(port: server.port))
        for _ in 0..<200 { connection.send(Self.get) }
        #expect(await eventually { handled.count > 0 })
        // By the time that others have been answered many times over, the buffers of the two sockets are full.
        for _ in 0..<50 {
            let answer = await RawConnection.answer(port: server.port, to: Self.last)
            #expect(answer.hasPrefix("HTTP/1.1 200 OK"))
        }
        #expect(handled.count < 100)
        await server.shutdown(within: .milliseconds(1))
    }

    @Test func shutdownWaitsForHandlerThatWasBegunOnTheThread() async throws {
        let gate = Gate()
        let server = try start { _ in
            await gate.pass()
            return .text("last words")
        }
        let connection = try #require(RawConnection(port: server.port))
        connection.send(Self.get)
        #expect(await eventually { gate.arrivals == 1 })
        async let end: Void = server.shutdown(within: .patience)
        gate.open()
        #expect(await connection.readToEnd().hasSuffix("last words"))
        await end
    }
}
