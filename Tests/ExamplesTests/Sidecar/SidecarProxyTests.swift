// What a sidecar passes on, before upstreams that follow a script.

import ExampleSupport
import Synchronization
import Telemetry
import Testing

@testable import Sidecar

@Suite("POC-43: sidecar, messages") struct SidecarProxyTests {
    private static let ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

    /// Sends a request through a sidecar before an upstream with one answer; returns the upstream's request and the client's answer.
    private func exchange(
        _ request: String, _ answer: String = ok, listener: String = "", upstream: String = ""
    ) async throws -> (request: String, answer: String) {
        let notes = Notes<String>()
        let server = try ScriptedServer { connection in
            notes.add(connection.readHead())
            connection.send(answer)
            connection.close()
        }
        let received = Notes<String>()
        try await RunningSidecar.before(server.port, listener: listener, upstream: upstream) { received.add(await $0.answer(to: request)) }
        return (notes.all.first ?? "", received.all.first ?? "")
    }

    @Test func fieldsOfTheConnectionAreNotHandedOn() async throws {
        let (request, answer) = try await exchange(
            "GET /a?b=c HTTP/1.1\r\nHost: web\r\nConnection: close, X-Secret\r\nX-Secret: 1\r\nKeep-Alive: 5\r\nTE: trailers, gzip\r\n"
                + "Upgrade: h2c\r\nProxy-Connection: x\r\nProxy: evil\r\nX-Kept: yes\r\n\r\n",
            "HTTP/1.1 200 Fine\r\nConnection: X-Hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=5\r\nX-End: yes\r\nContent-Length: 2\r\n\r\nok")
        #expect(request.hasPrefix("GET /a?b=c HTTP/1.1\r\n"))
        #expect(request.contains("X-Kept: yes\r\n") && request.contains("Host: web\r\n"))
        #expect(request.contains("TE: trailers\r\nConnection: TE\r\n"))
        for absent in ["X-Secret", "Keep-Alive", "gzip", "Upgrade", "Proxy"] { #expect(!request.contains(absent), "\(absent)") }
        #expect(answer.hasPrefix("HTTP/1.1 200 Fine\r\n") && answer.contains("X-End: yes\r\n") && answer.hasSuffix("\r\n\r\nok"))
        #expect(answer.contains("Connection: close\r\n") && answer.contains("Via: 1.1 sidecar\r\n") && answer.contains("\r\nDate: "))
        #expect(!answer.contains("X-Hop") && !answer.contains("Keep-Alive"))
    }

    @Test func upstreamCannotTakeTheLengthAway() async throws {
        let (_, answer) = try await exchange(
            "GET / HTTP/1.1\r\nHost: web\r\nConnection: close\r\n\r\n",
            "HTTP/1.1 200 OK\r\nConnection: Content-Length\r\nContent-Length: 2\r\n\r\nok")
        #expect(answer.contains("\r\nContent-Length: 2\r\n") && answer.hasSuffix("\r\n\r\nok"))
    }

    @Test func trailersDoNotSayWhatFieldsMayNot() async throws {
        let bodies = Notes<String>()
        let server = try ScriptedServer { connection in
            bodies.add(connection.read(until: "X-Sum: 1\r\n\r\n"))
            connection.send(Self.ok)
        }
        try await RunningSidecar.before(server.port, listener: ", trust_trace: false") { sidecar in
            _ = await sidecar.answer(
                to: "POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nTraceparent: x\r\n"
                    + "Baggage: x\r\nX-Forwarded-For: x\r\nForwarded: x\r\nX-Real-IP: x\r\nX-Sum: 1\r\n\r\n")
        }
        let body = try #require(bodies.all.first)
        #expect(body.hasSuffix("\r\n\r\n0\r\nX-Sum: 1\r\n\r\n"))
    }

    @Test func originOfTheRequestIsTold() async throws {
        let claims = "X-Forwarded-For: 203.0.113.7\r\nX-Forwarded-Proto: https\r\nForwarded: for=203.0.113.7\r\nVia: 1.0 far\r\n"
        let text = "GET / HTTP/1.1\r\nHost: web:81\r\nConnection: close\r\n\(claims)\r\n"
        let (untrusted, _) = try await exchange(text)
        #expect(untrusted.contains("X-Forwarded-For: 127.0.0.1\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Host: web:81\r\n"))
        #expect(untrusted.contains("Forwarded: for=127.0.0.1;host=\"web:81\";proto=http\r\n") && !untrusted.contains("203.0.113.7"))
        #expect(untrusted.contains("Via: 1.0 far\r\n") && untrusted.contains("Via: 1.1 sidecar\r\n"))
        let others = "X-Forwarded-Port: 7\r\nx-forwarded-prefix: /7\r\nX-Real-IP: 203.0.113.7\r\nX-Forwards: kept\r\n"
        let (rest, _) = try await exchange("GET / HTTP/1.1\r\nHost: web\r\nConnection: close\r\n\(others)\r\n")
        #expect(!rest.contains("X-Forwarded-Port") && !rest.contains("prefix") && !rest.contains("X-Real-IP") && rest.contains("kept"))
        let (all, _) = try await exchange(
            "GET / HTTP/1.1\r\nHost: web\r\nConnection: close\r\n\(others)\r\n", listener: ", trust_forwarded: true")
        #expect(all.contains(others.prefix(70)) && all.contains("X-Real-IP: 203.0.113.7\r\n"))
        let (trusted, _) = try await exchange(text, listener: ", trust_forwarded: true")
        #expect(trusted.contains("X-Forwarded-For: 203.0.113.7, 127.0.0.1\r\nX-Forwarded-Proto: https\r\n"))
        #expect(trusted.contains("Forwarded: for=203.0.113.7, for=127.0.0.1;host=\"web:81\";proto=http\r\n"))
    }

    @Test(arguments: [
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", 400),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +3\r\n\r\nabc", 400),
        ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501),
        ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n", 400),
        ("POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        ("GET / HTTP/1.1\nHost: a\n\n", 400), ("GET / HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400), ("GET / HTTP/1.1\r\n\r\n", 400), ("GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505),
        ("GET / HTTP/1.1\r\nHost: a\r\n X: folded\r\n\r\n", 400), ("\u{16}\u{3}\u{1}", 400),
        ("GET /a/../b HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET /a/..%2Fb HTTP/1.1\r\nHost: a\r\n\r\n", 400), ("GET /a/%2e%2e%5cb HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET /a%2f%2E./b HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET /a/%2E%2e/b HTTP/1.1\r\nHost: a\r\n\r\n", 400), ("CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n", 405),
        ("TRACE / HTTP/1.1\r\nHost: a\r\n\r\n", 405), ("GET / HTTP/1.1\r\nHost: a\r\nExpect: cake\r\n\r\n", 417),
    ])
    func ambiguousRequestIsRefused(_ request: String, _ status: Int) async throws {
        let notes = Notes<String>()
        let server = try ScriptedServer { notes.add($0.readHead()) }
        try await RunningSidecar.before(server.port) { sidecar in
            let answer = await sidecar.answer(to: request)
            #expect(answer.hasPrefix("HTTP/1.1 \(status) ") && answer.contains("Connection: close\r\n"), "\(answer)")
        }
        #expect(notes.all.isEmpty, "Nothing of it reaches the upstream.")
    }

    @Test(arguments: [
        "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\n\r\n", "SSH-2.0-x\r\n", "HTTP/1.1 200 OK\r\nX: a\nY: b\r\n\r\n", "",
    ])
    func malformedAnswerIsBadGateway(_ text: String) async throws {
        let (_, answer) = try await exchange(
            "POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", text, upstream: ", retries: {attempts: 0}")
        #expect(answer.hasPrefix("HTTP/1.1 502 Bad Gateway\r\n"))
    }

    @Test func chunkedBodyAndTrailersArePassedOnInNewChunks() async throws {
        let bodies = Notes<String>()
        let server = try ScriptedServer { connection in
            bodies.add(connection.read(until: "X-Sum: 1\r\n\r\n"))
            connection.send(
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Digest\r\n\r\n3;a=b\r\nabc\r\n2\r\nde\r\n0\r\n"
                    + "X-Digest: 9\r\nContent-Length: 7\r\n\r\n")
        }
        try await RunningSidecar.before(server.port) { sidecar in
            let answer = await sidecar.answer(
                to:
                    "POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n4;x\r\nwxyz\r\n0\r\nX-Sum: 1\r\n\r\n"
            )
            #expect(answer.contains("Transfer-Encoding: chunked\r\n") && answer.contains("Trailer: X-Digest\r\n"))
            #expect(answer.hasSuffix("\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\nX-Digest: 9\r\n\r\n"), "\(answer)")
        }
        let body = try #require(bodies.all.first)
        #expect(body.hasSuffix("\r\n\r\n4\r\nwxyz\r\n0\r\nX-Sum: 1\r\n\r\n") && body.contains("Transfer-Encoding: chunked\r\n"))
    }

    @Test func oldClientGetsTheBodyUntilTheEnd() async throws {
        let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
        let (request, answer) = try await exchange("GET / HTTP/1.0\r\n\r\n", chunked)
        #expect(request.contains("Via: 1.0 sidecar\r\n"))
        #expect(answer.hasSuffix("\r\n\r\nabc") && answer.contains("Connection: close\r\n") && !answer.contains("Transfer-Encoding"))
    }

    @Test func bodyUntilTheEndBecomesChunks() async throws {
        let (_, answer) = try await exchange(
            "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "HTTP/1.0 200 OK\r\n\r\nabc")
        #expect(answer.hasSuffix("\r\n\r\n3\r\nabc\r\n0\r\n\r\n") && answer.contains("Via: 1.0 sidecar\r\n"))
    }

    @Test func answersWithoutBodyKeepTheConnection() async throws {
        let server = try ScriptedServer { connection in
            for answer in [
                "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", "HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n",
                "HTTP/1.1 204 No Content\r\n\r\n",
            ] {
                _ = connection.readHead()
                connection.send(answer)
            }
        }
        try await RunningSidecar.before(server.port) { sidecar in
            let answer = await sidecar.answer(
                to:
                    "HEAD / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
            )
            let answers = answer.split(separator: "\r\n\r\n", omittingEmptySubsequences: true)
            #expect(answers.count == 3)
            #expect(answers.map { $0.prefix(12) } == ["HTTP/1.1 200", "HTTP/1.1 304", "HTTP/1.1 204"])
            #expect(
                answers.first?.contains("Content-Length: 5") == true && answers.dropFirst().first?.contains("Content-Length: 7") == true)
            #expect(answers.last?.contains("Content-Length") == false)
        }
    }

    @Test func interimAnswersArePassedOn() async throws {
        let server = try ScriptedServer { connection in
            _ = connection.readHead()
            connection.send("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n")
            _ = connection.read(until: "body")
            connection.send(Self.ok)
        }
        try await RunningSidecar.before(server.port) { sidecar in
            let answers = try await sidecar.connected { connection in
                connection.send("PUT / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n")
                let interim = connection.read(until: "100 Continue\r\n")
                connection.send("body")
                return (interim, connection.readToEnd())
            }
            #expect(answers.0.contains("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n") && answers.1.hasSuffix("\r\n\r\nok"))
        }
    }

    @Test func upgradeBecomesATunnelWhereTheRouteAllowsIt() async throws {
        let heads = Notes<String>()
        let server = try ScriptedServer { connection in
            heads.add(connection.readHead())
            connection.send("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\nhello")
            let text = connection.read(until: "bye")
            connection.send("<\(text)>")
        }
        try await RunningSidecar.before(server.port, route: ", upgrades: [websocket]") { sidecar in
            let answers = try await sidecar.connected { connection in
                connection.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
                let head = connection.read(until: "hello")
                connection.send("and bye")
                return (head, connection.readToEnd())
            }
            #expect(answers.0.hasPrefix("HTTP/1.1 101 Switching Protocols\r\n") && answers.0.contains("Upgrade: websocket\r\n"))
            #expect(answers.1 == "<and bye>")
        }
        #expect(heads.all.first?.contains("Upgrade: websocket\r\nConnection: Upgrade\r\n") == true)
    }

    @Test func halfClosedTunnelStaysOpenTheOtherWay() async throws {
        let server = try ScriptedServer { connection in
            _ = connection.readHead()
            connection.send("HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nConnection: Upgrade\r\n\r\n")
            let text = connection.readToEnd()
            connection.send("<\(text)>")
        }
        try await RunningSidecar.before(server.port, route: ", upgrades: [echo]") { sidecar in
            let answer = try await sidecar.connected { connection in
                connection.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
                _ = connection.readHead()
                connection.send("all of it")
                connection.shutDownSending()
                return connection.readToEnd()
            }
            #expect(answer == "<all of it>")
        }
    }

    @Test func limitOfHopsIsKept() async throws {
        let (request, _) = try await exchange("OPTIONS / HTTP/1.1\r\nHost: a\r\nMax-Forwards: 7\r\nConnection: close\r\n\r\n")
        #expect(request.contains("Max-Forwards: 6\r\n") && !request.contains("Max-Forwards: 7"))
        let notes = Notes<String>()
        let server = try ScriptedServer { notes.add($0.readHead()) }
        try await RunningSidecar.before(server.port) { sidecar in
            let answer = await sidecar.answer(to: "OPTIONS / HTTP/1.1\r\nHost: a\r\nMax-Forwards: 0\r\nConnection: close\r\n\r\n")
            #expect(answer.hasPrefix("HTTP/1.1 204 "))
        }
        #expect(notes.all.isEmpty)
    }

    @Test func requestWithoutRouteIsNotFound() async throws {
        try await RunningSidecar.with(
            "{listeners: [{name: in, port: 0, routes: [{host: a, upstream: web}]}], upstreams: {web: {endpoints: ['127.0.0.1:1']}}}"
        ) { sidecar in
            let answer = await sidecar.answer(to: "GET / HTTP/1.1\r\nHost: b\r\nConnection: close\r\n\r\n")
            #expect(answer.hasPrefix("HTTP/1.1 404 Not Found\r\n"))
        }
    }
}
