// Retries, time limits and circuit breakers before upstreams that fail.

import ExampleSupport
import Telemetry
import Testing

@testable import Sidecar

@Suite("POC-43: sidecar, failures") struct SidecarFailureTests {
    private static let get = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    private static let ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

    /// Reads a request and closes without an answer.
    private static let breaksOff: @Sendable (RawConnection) -> Void = { _ = $0.readHead() }
    private static let answers: @Sendable (RawConnection) -> Void = { connection in
        _ = connection.readHead()
        connection.send(ok)
    }

    @Test func idempotentRequestIsSentAgain() async throws {
        let server = try ScriptedServer(Self.breaksOff, Self.breaksOff, Self.answers)
        try await RunningSidecar.before(server.port, upstream: ", retries: {attempts: 2}") { sidecar in
            #expect(await sidecar.answer(to: Self.get).hasSuffix("\r\n\r\nok"))
            let spans = await sidecar.finished(.client, count: 3)
            #expect(spans.map { $0.attributes["http.request.resend_count"] } == [nil, 1, 2])
            #expect(spans.map { $0.attributes["error.type"] == nil } == [false, false, true])
            #expect(Set(spans.map(\.parentSpanID)) == Set(sidecar.spans.finishedSpans.filter { $0.kind == .server }.map(\.context.spanID)))
        }
    }

    @Test func bodyIsSentAgainWithTheRequest() async throws {
        let bodies = Notes<String>()
        let takes: @Sendable (RawConnection) -> Void = { bodies.add($0.read(until: "body!")) }
        let server = try ScriptedServer(
            takes,
            { connection in
                takes(connection)
                connection.send(Self.ok)
            })
        try await RunningSidecar.before(server.port) { sidecar in
            let answer = await sidecar.answer(
                to: "PUT / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nbody!\r\n0\r\n\r\n")
            #expect(answer.hasSuffix("\r\n\r\nok"))
        }
        #expect(bodies.all.count == 2 && bodies.all.allSatisfy { $0.hasSuffix("\r\n\r\n5\r\nbody!") })
    }

    @Test func nonIdempotentRequestIsNotSentAgain() async throws {
        let server = try ScriptedServer(Self.breaksOff, Self.answers)
        try await RunningSidecar.before(server.port, upstream: ", retries: {attempts: 2}") { sidecar in
            let post = "POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
            #expect(await sidecar.answer(to: post).hasPrefix("HTTP/1.1 502 "))
        }
    }

    @Test func nonIdempotentRequestGoesToAnotherEndpointBeforeAnythingIsSent() async throws {
        let (server, closed) = (try ScriptedServer(Self.answers), try #require(ScriptedServer.freePort()))
        let file = """
            listeners: [{name: in, port: 0, routes: [{upstream: web}]}]
            upstreams: {web: {endpoints: ["127.0.0.1:\(closed)", "127.0.0.1:\(closed)", "127.0.0.1:\(server.port)"], retries: {attempts: 2}}}
            """
        try await RunningSidecar.with(file) { sidecar in
            let post = "POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
            #expect(await sidecar.answer(to: post).hasSuffix("\r\n\r\nok"))
        }
    }

    @Test func statusesOfTheFileAreRetried() async throws {
        let refuses: @Sendable (RawConnection) -> Void = { connection in
            _ = connection.readHead()
            connection.send("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 4\r\n\r\nbusy")
        }
        let server = try ScriptedServer(refuses, Self.answers, refuses)
        try await RunningSidecar.before(server.port, upstream: ", retries: {attempts: 1, statuses: [503]}") { sidecar in
            #expect(await sidecar.answer(to: Self.get).hasSuffix("\r\n\r\nok"))
            let post = "POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
            #expect(await sidecar.answer(to: post).hasSuffix("\r\n\r\nbusy"))
        }
    }

    @Test func budgetEndsRetries() async throws {
        let closed: Int = try #require(ScriptedServer.freePort())
        let upstream = ", retries: {attempts: 3, budget_percent: 0}, circuit_breaker: {failures: 1000}"
        try await RunningSidecar.before(closed, upstream: upstream) { sidecar in
            for _ in 0..<8 { #expect(await sidecar.answer(to: Self.get).hasPrefix("HTTP/1.1 502 ")) }
            // Twenty retries are saved up at the start: of the rest of the requests each is sent once.
            #expect(await sidecar.finished(.client, count: 28).count == 28)
        }
    }

    @Test(arguments: [("first_byte: 50ms", "first_byte_timeout"), ("whole: 1s", "whole_timeout")])
    func upstreamThatSaysNothingTimesOut(_ setting: String, _ reason: String) async throws {
        let release = OneSignal()
        // It takes the request and is silent, as a half-open connection is.
        let server = try ScriptedServer { connection in
            _ = connection.readHead()
            release.wait()
        }
        try await RunningSidecar.before(server.port, upstream: ", retries: {attempts: 0}, timeouts: {connect: 1m, \(setting)}") { sidecar in
            #expect(await sidecar.answer(to: Self.get).hasPrefix("HTTP/1.1 504 Gateway Timeout\r\n"))
            #expect(await eventually { sidecar.logs.finishedRecords.contains { $0.attributes["reason"] == .string(reason) } })
            release.raise()
        }
    }

    @Test func pauseInTheAnswerIsBounded() async throws {
        let release = OneSignal()
        let server = try ScriptedServer { connection in
            _ = connection.readHead()
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc")
            release.wait()
        }
        try await RunningSidecar.before(server.port, upstream: ", timeouts: {connect: 1m, first_byte: 1m, idle: 50ms}") { sidecar in
            #expect(await sidecar.answer(to: Self.get).hasSuffix("abc"))
            #expect(await eventually { sidecar.logs.finishedRecords.contains { $0.attributes["reason"] == "idle_timeout" } })
            release.raise()
        }
    }

    @Test func slowClientIsToldSo() async throws {
        try await RunningSidecar.before(1, listener: ", head_timeout: 50ms") { sidecar in
            #expect(await sidecar.answer(to: "GET / HTTP/1.1\r\nHos").hasPrefix("HTTP/1.1 408 Request Timeout\r\n"))
        }
    }

    private static let fails: @Sendable (RawConnection) -> Void = { connection in
        _ = connection.readHead()
        connection.send("HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n")
    }

    @Test func breakerOpensAfterFailures() async throws {
        let server = try ScriptedServer(Self.fails, Self.fails, Self.answers)
        try await RunningSidecar.before(server.port, upstream: ", circuit_breaker: {failures: 2, open: 1m}") { sidecar in
            for _ in 0..<2 { #expect(await sidecar.answer(to: Self.get).hasPrefix("HTTP/1.1 500 ")) }
            let refused = await sidecar.answer(to: Self.get)
            #expect(refused.hasPrefix("HTTP/1.1 503 ") && refused.contains("Retry-After: 1\r\n") && refused.contains("circuit breaker"))
            #expect(await sidecar.breakers() == ["open"])
        }
    }

    @Test(arguments: [
        ("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nbegin", ""),
        ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nConnection: Upgrade\r\n\r\nbegin", ", Upgrade\r\nUpgrade: echo"),
    ])
    func breakerClosesWithTheHeadOfAProbesAnswer(_ answer: String, _ fields: String) async throws {
        let release = OneSignal()
        let server = try ScriptedServer(
            Self.fails,
            { connection in
                _ = connection.readHead()
                connection.send(answer)
                release.wait()
                connection.send("over")
            })
        let breaker = ", circuit_breaker: {failures: 1, open: 1ms}"
        try await RunningSidecar.before(server.port, upstream: breaker, route: ", upgrades: [echo]") { sidecar in
            #expect(await sidecar.answer(to: Self.get).hasPrefix("HTTP/1.1 500 "))
            #expect(await eventually { await sidecar.breakers() == ["half-open"] })
            let begun = OneSignal()
            async let text = sidecar.connected { connection in
                connection.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive\(fields)\r\n\r\n")
                let begin = connection.read(until: "begin")
                begun.raise()
                return begin + connection.read(until: "over")
            }
            await onOwnThread { begun.wait() }
            #expect(await sidecar.breakers() == ["closed"])
            release.raise()
            let whole = try await text
            #expect(whole.hasSuffix("beginover"))
        }
    }

    @Test func clientThatStopsSendingIsNoFailureOfTheUpstream() async throws {
        let release = OneSignal()
        let server = try ScriptedServer { connection in
            _ = connection.readHead()
            release.wait()
        }
        let upstream = ", retries: {attempts: 2}, timeouts: {connect: 1m, first_byte: 50ms}, circuit_breaker: {failures: 1, open: 1m}"
        try await RunningSidecar.before(server.port, upstream: upstream) { sidecar in
            let put = "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc"
            #expect(await sidecar.answer(to: put).hasPrefix("HTTP/1.1 408 Request Timeout\r\n"))
            #expect(await sidecar.breakers() == ["closed"])
            #expect(await sidecar.finished(.server).count == 1 && sidecar.spans.finishedSpans.filter { $0.kind == .client }.count == 1)
            release.raise()
        }
    }

    @Test func refusedAnswerIsPassedOnWhenTheBudgetIsUsedUp() async throws {
        let refuses: @Sendable (RawConnection) -> Void = { connection in
            _ = connection.readHead()
            connection.send("HTTP/1.1 503 Service Unavailable\r\nX-Why: load\r\nConnection: close\r\nContent-Length: 4\r\n\r\nbusy")
        }
        let server = try ScriptedServer(scripts: Array(repeating: refuses, count: 41))
        let upstream = ", retries: {attempts: 1, statuses: [503], budget_percent: 0}, circuit_breaker: {failures: 1000}"
        try await RunningSidecar.before(server.port, upstream: upstream) { sidecar in
            // Twenty retries are saved up at the start.
            for _ in 0..<21 {
                let answer = await sidecar.answer(to: Self.get)
                #expect(answer.contains("X-Why: load\r\n") && answer.hasSuffix("\r\n\r\nbusy"))
            }
            #expect(await sidecar.finished(.client, count: 41).count == 41)
        }
    }

    @Test func connectionsBeyondTheLimitAreCounted() async throws {
        let file = """
            maximum_connections: 1
            listeners: [{name: in, port: 0, routes: [{upstream: a}]}]
            upstreams: {a: {endpoints: ["127.0.0.1:1"]}}
            """
        try await RunningSidecar.with(file) { sidecar in
            let isOpen = OneSignal()
            let release = OneSignal()
            async let first = sidecar.connected { _ in
                isOpen.raise()
                release.wait()
            }
            await onOwnThread { isOpen.wait() }
            #expect(await sidecar.answer(to: Self.get).isEmpty)
            let page = await sidecar.telemetry.metricsPage(for: ServiceRequest(method: "GET", target: "/metrics")).text
            let series = page.split(separator: "\n").first { $0.hasPrefix("sidecar_connections_refused_total{") }
            #expect(series?.contains(#"error_type="maximum_connections""#) == true && series?.hasSuffix(" 1") == true, "\(page)")
            release.raise()
            try await first
        }
    }

    @Test func requestsBeyondTheLimitWaitOrAreRefused() async throws {
        let (arrived, release) = (OneSignal(), OneSignal())
        let server = try ScriptedServer { connection in
            _ = connection.readHead()
            arrived.raise()
            release.wait()
            connection.send(Self.ok)
            _ = connection.readHead()
            connection.send(Self.ok)
        }
        let limits = ", circuit_breaker: {concurrency: 1, waiting: 1}, timeouts: {connect: 1m}"
        try await RunningSidecar.before(server.port, upstream: limits) { sidecar in
            async let first = sidecar.answer(to: Self.get)
            await onOwnThread { arrived.wait() }
            async let second = sidecar.answer(to: Self.get)
            #expect(await eventually { await sidecar.server.state()["upstreams"]?[0]?["waiting"]?.integerValue == 1 })
            #expect(await sidecar.answer(to: Self.get).hasPrefix("HTTP/1.1 503 "))
            release.raise()
            let answers = await [first, second]
            #expect(answers.allSatisfy { $0.hasSuffix("\r\n\r\nok") })
        }
    }
}
