// The memory limit of a server, and the trimming of the heap.

import Testing

@testable import Telemetry

struct HTTPServerMemoryTests {
    private static let body = 100_000

    private func options(budget: Int) -> HTTPServerOptions {
        var options = HTTPServerOptions.patient
        options.limits.body = 1 << 20
        options.maximumHeldBytes = budget
        return options
    }

    /// A request whose body does not come whole.
    private func incomplete(_ count: Int) -> String {
        "POST /stalled HTTP/1.1\r\nHost: a\r\nContent-Length: \(count + 1)\r\n\r\n" + String(repeating: "a", count: count)
    }

    @Test func budgetBelowOneByteIsReportedAndOneByteIsUsed() async throws {
        let loop = try #require(EventLoop(named: "memory"))
        defer { loop.end() }
        let found = diagnostic(containing: "maximumHeldBytes: \"-7\"") { #expect(HTTPServerMemory(limit: -7, loop: loop).limit == 1) }
        #expect(found?.message.hasSuffix("expected the bytes of one request or more; 1 is used.") == true)
    }

    @Test func stalledBodiesBeyondBudgetAreRefusedLargestFirst() async throws {
        try await withServer(options(budget: 1 << 20)) { server in
            let port = server.port
            let request = incomplete(Self.body)
            let (refused, small, later) = await onOwnThread { () -> (String, String, String) in
                var stalled: [RawConnection] = []
                guard let large = RawConnection(port: port), let small = RawConnection(port: port) else { return ("", "", "") }
                large.send("POST /large HTTP/1.1\r\nHost: a\r\nContent-Length: 500001\r\n\r\n" + String(repeating: "b", count: 500_000))
                small.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n1")
                for _ in 0..<8 {
                    guard let connection = RawConnection(port: port) else { continue }
                    connection.send(request)
                    stalled.append(connection)
                }
                let refused = large.readToEnd()
                // The small request that came first is still served, and so is a later one.
                small.send("2")
                let body = small.nextResponse().map { String(decoding: $0.body, as: UTF8.self) } ?? ""
                let connection = RawConnection(port: port)
                connection?.send("GET /later HTTP/1.1\r\nHost: a\r\n\r\n")
                return (refused, body, connection?.nextResponse().map { String(decoding: $0.body, as: UTF8.self) } ?? "")
            }
            #expect(refused.hasPrefix("HTTP/1.1 503 Service Unavailable\r\n") && refused.contains("\r\nRetry-After: 1\r\n"))
            #expect(refused.contains("\r\nConnection: close\r\n") && !refused.contains("stays open"))
            #expect(small == "12" && later == "/later")
        }
    }

    @Test func manyStalledBodiesNeverHoldMoreThanBudget() async throws {
        try await withServer(options(budget: 1 << 20)) { server in
            let port = server.port
            let request = incomplete(Self.body)
            let connections = await onOwnThread { () -> Kept in
                Kept(
                    (0..<60).compactMap { _ in
                        let connection = RawConnection(port: port)
                        connection?.send(request)
                        return connection
                    })
            }
            // Answered after all that was sent before.
            let answer = await RawConnection.answer(port: port, to: "GET /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            #expect(answer.hasSuffix("/x"))
            #expect(await onLoop(server) { $0.memory.total } <= 1 << 20)
            connections.close()
            #expect(await eventually(server) { $0.memory.total == 0 })
        }
    }

    @Test func headerBytesCountAgainstBudget() async throws {
        var options = options(budget: 1 << 20)
        options.limits.body = 0
        try await withServer(options) { server in
            let port = server.port
            let head = "GET / HTTP/1.1\r\n" + (0..<30).map { "X-\($0): \(String(repeating: "h", count: 1000))\r\n" }.joined()
            let connections = await onOwnThread { () -> Kept in
                Kept(
                    (0..<100).compactMap { _ in
                        let connection = RawConnection(port: port)
                        connection?.send(head)
                        return connection
                    })
            }
            let answer = await RawConnection.answer(port: port, to: "GET /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            #expect(answer.hasSuffix("/x"))
            let total = await onLoop(server) { $0.memory.total }
            #expect(total <= 1 << 20 && total > 30_000)
            connections.close()
        }
    }

    @Test func contentLengthAllocatesNoMemory() async throws {
        try await withServer(options(budget: 1 << 20)) { server in
            let port = server.port
            let connections = await onOwnThread { () -> Kept in
                Kept(
                    (0..<50).compactMap { _ in
                        let connection = RawConnection(port: port)
                        connection?.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n")
                        return connection
                    })
            }
            #expect(await eventually(server) { $0.memory.total >= 50 * 100 })
            #expect(await onLoop(server) { $0.memory.total } < 50 * 1000)
            connections.close()
        }
    }

    @Test func unreadResponsesBeyondBudgetAreDropped() async throws {
        let handled = Counter()
        let handler: HTTPServer.Handler = { request in
            handled.next()
            return await TestService.respond(request)
        }
        try await withServer(options(budget: 16 << 20), handler) { server in
            let port = server.port
            let connections = await onOwnThread { () -> Kept in
                // Each answer has 3 MB, of which the system's buffers take a part.
                Kept(
                    (0..<30).compactMap { _ in
                        let connection = RawConnection(port: port)
                        connection?.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n")
                        return connection
                    })
            }
            // Until they have arrived, others may be asked to try again.
            #expect(await eventually(server) { _ in handled.count == 30 })
            #expect(await eventually(server) { $0.memory.bytesInTransit == 0 })
            for _ in 0..<5 {
                let answer = await RawConnection.answer(port: port, to: "GET /large HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                #expect(answer.utf8.count > 3_000_000)
            }
            #expect(await onLoop(server) { $0.memory.total } <= 16 << 20)
            connections.close()
        }
    }

    @Test func responseLargerThanBudgetIsSentWhole() async throws {
        try await withServer(options(budget: 1 << 20)) { server in
            let answer = await RawConnection.answer(port: server.port, to: "GET /large HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            #expect(answer.hasPrefix("HTTP/1.1 200 ") && answer.utf8.count > 3_000_000)
        }
    }

    @Test func requestsInProgressCountAgainstBudget() async throws {
        let gate = Gate()
        let handler: HTTPServer.Handler = { request in
            if request.path == "/held" { await gate.pass() }
            return .text(request.target)
        }
        try await withServer(options(budget: 1 << 20), handler) { server in
            let port = server.port
            let held = "POST /held HTTP/1.1\r\nHost: a\r\nContent-Length: 600000\r\n\r\n" + String(repeating: "a", count: 600_000)
            async let first = onOwnThread { () -> String in
                guard let connection = RawConnection(port: port) else { return "" }
                connection.send(held)
                return connection.nextResponse().map { String(decoding: $0.body, as: UTF8.self) } ?? ""
            }
            #expect(await TelemetryTests.eventually { gate.arrivals == 1 })
            #expect(await onLoop(server) { $0.memory.total } >= 600_000)
            let second = await RawConnection.answer(port: port, to: held)
            #expect(second.hasPrefix("HTTP/1.1 503 "))
            gate.open()
            #expect(await first == "/held")
            #expect(await eventually(server) { $0.memory.total == 0 })
        }
    }

    @Test func refusedHeadRequestHasNoBody() async throws {
        try await withServer { server in
            let answer = await RawConnection.answer(
                port: server.port, to: "HEAD / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n")
            #expect(answer.hasPrefix("HTTP/1.1 400 ") && answer.hasSuffix("\r\n\r\n"))
        }
    }

    @Test(arguments: [204, 304]) func refusalWithAStatusThatHasNoBodyHasNone(status: Int) async throws {
        var options = HTTPServerOptions.patient
        options.refusal = { _, _ in HTTPResponse(status: status, body: Array("more".utf8)) }
        try await withServer(options) { server in
            let answer = await RawConnection.answer(
                port: server.port, to: "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n")
            #expect(answer.hasPrefix("HTTP/1.1 \(status) ") && answer.hasSuffix("\r\n\r\n"))
        }
    }

    /// Connections that stay open until they are closed.
    private final class Kept: @unchecked Sendable {
        // Unchecked: made on one thread, then used on another, never at once.
        private var connections: [RawConnection]

        init(_ connections: [RawConnection]) { self.connections = connections }

        func close() { connections = [] }
    }

    /// Waits until the condition holds, which is evaluated on the loop's thread.
    private func eventually(_ server: HTTPServer, _ condition: @escaping @Sendable (HTTPServer) -> Bool) async -> Bool {
        let deadline = Deadline.after(RawConnection.patience)
        while !deadline.hasPassed {
            if await onLoop(server, condition) { return true }
            await Task.yield()
        }
        return false
    }

    private func onLoop<Value: Sendable>(_ server: HTTPServer, _ body: @escaping @Sendable (HTTPServer) -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            server.loop.execute { continuation.resume(returning: body(server)) }
        }
    }
}

struct TrimScheduleTests {
    private static let second: UInt64 = 1_000_000_000

    @Test func smallReleasesAreNotTrimmed() {
        var schedule = TrimSchedule()
        let isSet = schedule.release(TrimSchedule.worthwhileBytes - 1) { 5 }
        #expect(!isSet && schedule.dueTime == .max)
        let isDue = schedule.takeDue(100 * Self.second)
        #expect(!isDue)
    }

    @Test func heapIsTrimmedOneSecondAfterBurst() {
        var schedule = TrimSchedule()
        let (first, second) = (schedule.release(10 << 20) { 0 }, schedule.release(10 << 20) { Self.second })
        #expect(!first && second && schedule.dueTime == 2 * Self.second)
        // The first look sees the release that set the time.
        let early = (schedule.takeDue(Self.second), schedule.takeDue(2 * Self.second))
        #expect(early == (false, false) && schedule.dueTime == 3 * Self.second)
        let isDue = schedule.takeDue(3 * Self.second)
        #expect(isDue && schedule.dueTime == .max)
    }

    @Test func heapIsTrimmedDuringEndlessBurst() {
        var schedule = TrimSchedule()
        var due: [UInt64] = []
        for number in 0..<25 as Range<UInt64> {
            _ = schedule.release(20 << 20) { number * Self.second }
            if schedule.takeDue(number * Self.second) { due.append(number) }
        }
        #expect(due == [10, 21])
    }
}
