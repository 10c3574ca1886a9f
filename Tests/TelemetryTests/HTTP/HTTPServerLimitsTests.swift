// Limits, timeouts and shutdown of the server; malformed, slow and disconnecting clients.

import Glibc
import Synchronization
import Testing

@testable import Telemetry

struct HTTPServerLimitsTests {
    @Test(arguments: [
        ("GET / HTTP/1.1\r\n\r\n", "400 Bad Request"),
        ("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", "400 Bad Request"),
        ("\u{16}\u{3}\u{1}", "400 Bad Request"),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\n\r\n", "413 Content Too Large"),
        ("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1001\r\n\r\n", "413 Content Too Large"),
        ("GET /\(String(repeating: "a", count: 9000)) HTTP/1.1\r\n", "414 URI Too Long"),
        ("GET / HTTP/1.1\r\n\(String(repeating: "X: 1\r\n", count: 101))", "431 Request Header Fields Too Large"),
        ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", "501 Not Implemented"),
        ("GET / HTTP/3.0\r\nHost: a\r\n\r\n", "505 HTTP Version Not Supported"),
    ])
    func malformedRequestIsAnsweredAndConnectionCloses(request: String, status: String) async throws {
        var options = HTTPServerOptions.patient
        options.limits.body = 1000
        try await withServer(options) { server in
            let answer = await RawConnection.answer(port: server.port, to: request)
            #expect(answer.hasPrefix("HTTP/1.1 \(status)\r\n"))
            #expect(answer.contains("\r\nConnection: close\r\n") && !answer.contains("stays open"))
        }
    }

    @Test func validRequestsBeforeMalformedRequestAreAnswered() async throws {
        try await withServer { server in
            let answer = await RawConnection.answer(
                port: server.port, to: "GET /a HTTP/1.1\r\nHost: a\r\n\r\nrubbish\r\n\r\nGET /b HTTP/1.1\r\n")
            #expect(answer.contains("\r\n\r\n/aHTTP/1.1 400 Bad Request\r\n"))
        }
    }

    @Test func pipelinedResponsesDoNotAccumulateForSlowReader() async throws {
        let handled = Counter()
        let server = try HTTPServer.start(host: "127.0.0.1", port: 0, options: .patient) { request in
            guard request.path == "/large" else { return HTTPResponse(status: 200) }
            handled.next()
            return HTTPResponse(status: 200, body: [UInt8](repeating: 0, count: 1_000_000))
        }
        let connection = try #require(RawConnection(port: server.port))
        for _ in 0..<200 { connection.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n") }
        #expect(await eventually { handled.count > 0 })
        // By the time that others have been answered many times over, the buffers of the two sockets are full.
        for _ in 0..<50 {
            let answer = await RawConnection.answer(port: server.port, to: "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            #expect(answer.hasPrefix("HTTP/1.1 200 OK"))
        }
        #expect(handled.count < 50)
        await server.shutdown(within: .milliseconds(1))
    }

    @Test func serverPausesAcceptingWhileNoDescriptorIsFree() async {
        await #expect(processExitsWith: .success) {
            let server = try HTTPServer.start(host: "127.0.0.1", port: 0, options: .patient) { _ in HTTPResponse(status: 200) }
            // The first sleep of a task that is not over at once opens descriptors, and ends the process where there is none.
            try await Task.sleep(for: .milliseconds(100))
            var limit = rlimit()
            try #require(getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0)
            limit.rlim_cur = min(limit.rlim_cur, 256)
            try #require(setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0)
            var last: Int32 = -1
            while case let file = open("/dev/null", O_RDONLY), file >= 0 { last = file }
            close(last)
            // The client gets the last descriptor, which another thread may have for a moment; its connection waits to be accepted.
            var connection: RawConnection?
            let isConnected = await eventually {
                connection = RawConnection(port: server.port)
                return connection != nil
            }
            try #require(isConnected)
            let isReported = Atomic(true)
            let isPaused = await eventually {
                server.loop.execute {
                    var count = 0
                    // The key of the listener is not that of the loop's own descriptor.
                    _ = server.loop.poller.wait(milliseconds: 0) { key, _ in count += key == 0 ? 0 : 1 }
                    isReported.store(count > 0, ordering: .relaxed)
                }
                return !isReported.load(ordering: .relaxed)
            }
            try #require(isPaused)
            _ = connection
        }
    }

    @Test func portOutOfRangeIsRefused() {
        #expect(throws: HTTPServerError.self) { try HTTPServer.start(host: "127.0.0.1", port: 70_000) { _ in HTTPResponse(status: 200) } }
    }

    @Test func refusedBodyDoesNotResetResponse() async throws {
        var options = HTTPServerOptions.patient
        options.limits.body = 1000
        try await withServer(options) { server in
            let request = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n" + String(repeating: "a", count: 1_000_000)
            let answer = await RawConnection.answer(port: server.port, to: request)
            #expect(answer.hasPrefix("HTTP/1.1 413 "))
        }
    }

    @Test(arguments: ["GET / HTTP/1.1\r\nHo", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc", "G"])
    func incompleteRequestTimesOut(start: String) async throws {
        var options = HTTPServerOptions.patient
        options.requestTimeout = .milliseconds(50)
        try await withServer(options) { server in
            let answer = await RawConnection.answer(port: server.port, to: start)
            #expect(answer.hasPrefix("HTTP/1.1 408 Request Timeout\r\n") && !answer.contains("stays open"))
        }
    }

    @Test func slowBytesDoNotExtendRequestTimeout() async throws {
        var options = HTTPServerOptions.patient
        options.requestTimeout = .milliseconds(100)
        try await withServer(options) { server in
            let port = server.port
            let answer = await onOwnThread { () -> String in
                guard let connection = RawConnection(port: port) else { return "" }
                let pause = Semaphore()
                connection.send("GET / HTTP/1.1\r\nX: ")
                // Far longer than allowed, if each byte counted anew.
                for _ in 0..<100 where connection.send("a") { _ = pause.wait(until: .after(.milliseconds(10))) }
                return connection.readToEnd()
            }
            #expect(answer.isEmpty || answer.hasPrefix("HTTP/1.1 408 "))
        }
    }

    @Test func idleConnectionTimesOut() async throws {
        var options = HTTPServerOptions.patient
        options.idleTimeout = .seconds(1)
        try await withServer(options) { server in
            #expect(await RawConnection.answer(port: server.port, to: "") == "")
            // The server accepts once the request is there: it is not idle, however late the client is.
            let (isSent, port) = (Semaphore(), server.port)
            server.loop.execute { _ = isSent.wait(until: .after(RawConnection.patience)) }
            let answer = await onOwnThread { () -> String in
                defer { isSent.post() }
                guard let connection = RawConnection(port: port) else { return "no connection" }
                connection.send("GET /a HTTP/1.1\r\nHost: a\r\n\r\n")
                isSent.post()
                return connection.readToEnd()
            }
            #expect(answer.hasSuffix("\r\n\r\n/a"))
        }
    }

    @Test func clientThatReadsNothingTimesOut() async throws {
        var options = HTTPServerOptions.patient
        options.sendTimeout = .milliseconds(50)
        let isGone = Gate()
        let handler: HTTPServer.Handler = { _ in
            HTTPResponse(status: 200) { writer in
                while await writer.write([UInt8](repeating: 65, count: 100_000)) {}
                await isGone.pass()
            }
        }
        try await withServer(options, handler) { server in
            let connection = try #require(RawConnection(port: server.port))
            connection.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(await eventually { isGone.arrivals == 1 })
            isGone.open()
            connection.close()
        }
    }

    @Test func connectionsBeyondLimitAreClosed() async throws {
        var options = HTTPServerOptions.patient
        options.maximumConnections = 2
        try await withServer(options) { server in
            let port = server.port
            let answers = await onOwnThread { () -> [String] in
                let connections = (0..<2).compactMap { _ in RawConnection(port: port) }
                // Answered, so that the server has them for certain.
                let kept = connections.map { connection in
                    connection.send("GET /a HTTP/1.1\r\nHost: a\r\n\r\n")
                    return String(decoding: connection.nextResponse()?.body ?? [], as: UTF8.self)
                }
                return kept + [RawConnection(port: port)?.readToEnd() ?? "no connection"]
            }
            #expect(answers == ["/a", "/a", ""])
        }
    }

    @Test func disconnectingClientsDoNotStopServer() async throws {
        try await withServer { server in
            let port = server.port
            await onOwnThread {
                for number in 0..<60 {
                    guard let connection = RawConnection(port: port) else { continue }
                    let target = ["/large", "/stream", "/echo"][number % 3]
                    connection.send("POST \(target) HTTP/1.1\r\nHost: a\r\nContent-Length: \(number % 2)\r\n\r\n")
                    if number % 4 == 0 { _ = connection.read() }
                    connection.close()
                }
            }
            let answer = await RawConnection.answer(port: port, to: "GET /alive HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            #expect(answer.hasSuffix("/alive"))
        }
    }

    @Test func streamIsNotifiedOfDisconnectedClient() async throws {
        let isGone = Gate()
        let handler: HTTPServer.Handler = { _ in
            HTTPResponse(status: 200) { writer in
                while await writer.write(Array("again ".utf8)) {}
                await isGone.pass()
            }
        }
        isGone.open()
        try await withServer(.patient, handler) { server in
            let port = server.port
            await onOwnThread {
                let connection = RawConnection(port: port)
                connection?.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                _ = connection?.read(until: "again ")
            }
            #expect(await eventually { isGone.arrivals == 1 })
        }
    }

    @Test func shutdownFinishesRequestsInFlightOnly() async throws {
        let (gate, idleOnes) = (Gate(), Gate())
        let server = try HTTPServer.start(host: "127.0.0.1", port: 0, options: .patient) { request in
            if request.path == "/a" { await gate.pass() }
            return .text(request.target)
        }
        let port = server.port
        async let answer = RawConnection.answer(port: port, to: "GET /a HTTP/1.1\r\nHost: a\r\n\r\nGET /b HTTP/1.1\r\nHost: a\r\n\r\n")
        async let idleEnd = onOwnThread { () -> String in
            guard let connection = RawConnection(port: port) else { return "no connection" }
            connection.send("GET /idle HTTP/1.1\r\nHost: a\r\n\r\n")
            _ = connection.nextResponse()
            idleOnes.arrive()
            return connection.readToEnd()
        }
        #expect(await eventually { gate.arrivals == 1 && idleOnes.arrivals == 1 })
        async let end: Void = server.shutdown(within: RawConnection.patience)
        // The idle connection is closed when draining begins.
        let rest = await idleEnd
        #expect(rest == "")
        gate.open()
        let text = await answer
        await end
        #expect(text.hasSuffix("\r\nConnection: close\r\n\r\n/a"))
        let late = await RawConnection.answer(port: port, to: "")
        #expect(late == "no connection")
    }

    @Test func unresponsiveHandlerDoesNotBlockShutdown() async throws {
        let gate = Gate()
        let server = try HTTPServer.start(host: "127.0.0.1", port: 0, options: .patient) { request in
            await gate.pass()
            return .text(request.target)
        }
        async let answer = RawConnection.answer(port: server.port, to: "GET /a HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(await eventually { gate.arrivals == 1 })
        let limit = Deadline.after(RawConnection.patience)
        await server.shutdown(within: .milliseconds(50))
        #expect(!limit.hasPassed)
        let nothing = await answer
        #expect(nothing == "")
        await server.shutdown(within: .seconds(1))
        gate.open()
    }

    @Test func portIsFreeAfterShutdown() async throws {
        let port = try #require(ScriptedServer.freePort())
        let first = try HTTPServer.start(host: "127.0.0.1", port: port, options: .patient) { _ in .text("1") }
        await first.shutdown(within: .zero)
        let second = try HTTPServer.start(host: "127.0.0.1", port: port, options: .patient) { _ in .text("2") }
        await second.shutdown(within: .zero)
    }
}
