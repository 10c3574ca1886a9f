// The end of an event loop, and the order of its work.

import Glibc
import Synchronization
import Testing

@testable import Telemetry

struct EventLoopTests {
    @Test func loopWithClosedDescriptorsEndsAndNotifiesHandlers() async throws {
        final class Handler: EventHandler, Sendable {
            let endings = Mutex<[Poller.Readiness]>([])
            func isReady(_ readiness: Poller.Readiness) { endings.withLock { $0.append(readiness) } }
            func checkTime(_ now: UInt64) -> UInt64 { .max }
        }
        let loop = try #require(EventLoop(named: "test-loop"))
        let handler = Handler()
        loop.execute {
            _ = loop.add(handler)
            try? SocketTests.replace(loop.poller.descriptor)
        }
        // A loop that spun would take work for ever.
        #expect(await eventually { !loop.execute {} })
        #expect(await eventually { handler.endings.withLock { $0 } == [.ended] })
        close(loop.poller.descriptor)
    }

    @Test func serverWithClosedDescriptorsClosesConnections() async throws {
        try await withServer { server in
            let port = server.port
            let rest = await onOwnThread { () -> String in
                guard let connection = RawConnection(port: port) else { return "no connection" }
                connection.send("GET /a HTTP/1.1\r\nHost: a\r\n\r\n")
                _ = connection.nextResponse()
                server.loop.execute { try? SocketTests.replace(server.loop.poller.descriptor) }
                return connection.readToEnd()
            }
            #expect(rest == "")
            #expect(await eventually { !server.loop.execute {} })
            close(server.loop.poller.descriptor)
        }
    }

    /// Without an event the loop waits for half a minute at a time.
    @Test func workThatTheLoopSubmitsItselfWaitsForNoEvent() async throws {
        let loop = try #require(EventLoop(named: "test-loop"))
        let isDone = Mutex(false)
        loop.execute { loop.execute { loop.execute { loop.execute { isDone.withLock { $0 = true } } } } }
        #expect(await eventually { isDone.withLock { $0 } })
        loop.end()
    }

    @Test func serverOnASharedLoopLeavesItRunning() async throws {
        let loop = try #require(EventLoop(named: "test-loop"))
        var options = HTTPServerOptions.patient
        (options.startsHandlersOnItsThread, options.runsHandlersOnItsThread) = (true, true)
        let server = try HTTPServer.start(host: "127.0.0.1", port: 0, options: options, loop: loop) { _ in
            let wasCurrent = loop.isCurrent
            await Task.yield()
            return .text("\(wasCurrent) \(loop.isCurrent)", status: 200)
        }
        let port = server.port
        let answer = await onOwnThread { () -> String in
            guard let connection = RawConnection(port: port) else { return "no connection" }
            connection.send("GET /a HTTP/1.1\r\nHost: a\r\n\r\n")
            return String(decoding: connection.nextResponse()?.body ?? [], as: UTF8.self)
        }
        #expect(answer == "true true")
        await server.shutdown(within: .seconds(5))
        #expect(loop.execute {})
        loop.end()
    }

    @Test func submittedWorkIsReleasedBeforeTheNextRuns() async throws {
        final class Held: Sendable {}
        let loop = try #require(EventLoop(named: "test"))
        let isReleased = Locked<Bool?>(nil)
        // Both are submitted on the thread, and so run in one round.
        loop.execute {
            let held = Held()
            loop.execute { _ = held }
            loop.execute { [weak held] in isReleased.withLock { $0 = held == nil } }
        }
        #expect(await eventually { isReleased.withLock { $0 != nil } })
        #expect(isReleased.withLock { $0 } == true)
        loop.end()
    }

    @Test func submittedWorkRunsInOrderUntilEnd() async throws {
        let loop = try #require(EventLoop(named: "test-loop"))
        let numbers = Mutex<[Int]>([])
        for number in 0..<1000 { #expect(loop.execute { numbers.withLock { $0.append(number) } }) }
        loop.end()
        #expect(!loop.execute {})
        #expect(await eventually { numbers.withLock { $0.count } == 1000 })
        #expect(numbers.withLock { $0 } == Array(0..<1000))
    }
}
