// Responses of the server over real sockets.

import ExampleSupport
import Testing

@testable import Telemetry

struct HTTPServerTests {
    private func get(_ target: String, _ version: String = "1.1", _ fields: String = "") -> String {
        "GET \(target) HTTP/\(version)\r\nHost: test\r\n\(fields)\r\n"
    }

    @Test func connectionServesManyRequests() async throws {
        try await withServer { server in
            let port = server.port
            let bodies = await onOwnThread { () -> [String] in
                guard let connection = RawConnection(port: port) else { return [] }
                return (0..<5).map { number in
                    connection.send("GET /\(number) HTTP/1.1\r\nHost: test\r\n\r\n")
                    return String(decoding: connection.nextResponse()?.body ?? [], as: UTF8.self)
                }
            }
            #expect(bodies == ["/0", "/1", "/2", "/3", "/4"])
        }
    }

    @Test func pipelinedRequestsAreAnsweredInOrder() async throws {
        let handler: HTTPServer.Handler = { request in
            // The first ones take the longest.
            for _ in 0..<(20 - (Int(request.target.dropFirst()) ?? 0)) { await Task.yield() }
            return .text(request.target)
        }
        try await withServer(.patient, handler) { server in
            let port = server.port
            let bodies = await onOwnThread { () -> [String] in
                guard let connection = RawConnection(port: port) else { return [] }
                connection.send((0..<20).map { "GET /\($0) HTTP/1.1\r\nHost: test\r\n\r\n" }.joined())
                return (0..<20).map { _ in String(decoding: connection.nextResponse()?.body ?? [], as: UTF8.self) }
            }
            #expect(bodies == (0..<20).map { "/\($0)" })
        }
    }

    @Test func responsesHaveDateAndContentLength() async throws {
        try await withServer { server in
            let answer = await RawConnection.answer(port: server.port, to: get("/a", "1.1", "Connection: close\r\n"))
            #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nDate: "))
            #expect(answer.hasSuffix(" GMT\r\nContent-Length: 2\r\nConnection: close\r\n\r\n/a"))
        }
    }

    @Test func headRequestIsAnsweredWithoutBody() async throws {
        try await withServer { server in
            let request = "HEAD /a HTTP/1.1\r\nHost: test\r\n\r\nHEAD /stream HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n"
            let answer = await RawConnection.answer(port: server.port, to: request)
            #expect(answer.contains("Content-Length: 2\r\n\r\nHTTP/1.1 200 OK\r\n"))
            #expect(answer.hasSuffix("Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"))
        }
    }

    @Test(arguments: ["/empty", "/empty-stream"])
    func noContentResponseHasNoLength(target: String) async throws {
        try await withServer { server in
            let answer = await RawConnection.answer(port: server.port, to: get(target, "1.1", "Connection: close\r\n"))
            #expect(answer.hasPrefix("HTTP/1.1 204 No Content\r\n"))
            #expect(!answer.contains("Content-Length") && !answer.contains("Transfer-Encoding"))
            #expect(answer.hasSuffix("\r\n\r\n"))
        }
    }

    @Test func invalidStatusOfHandlerBecomes500() async throws {
        try await withServer { server in
            let answer = await RawConnection.answer(port: server.port, to: get("/strange", "1.1", "Connection: close\r\n"))
            #expect(answer.hasPrefix("HTTP/1.1 500 "))
        }
    }

    @Test func headerInjectionIsPrevented() async throws {
        try await withServer { server in
            let answer = await RawConnection.answer(port: server.port, to: get("/inject", "1.1", "Connection: close\r\n"))
            #expect(!answer.contains("Evil") && !answer.contains("Cookie") && answer.contains("X-Good: c\r\n"))
        }
    }

    @Test func streamsAreChunkedOrEndWithConnection() async throws {
        try await withServer { server in
            let chunked = await RawConnection.answer(port: server.port, to: get("/stream", "1.1", "Connection: close\r\n"))
            #expect(chunked.hasSuffix("\r\n\r\n8\r\npiece 0\n\r\n8\r\npiece 1\n\r\n8\r\npiece 2\n\r\n0\r\n\r\n"))
            let plain = await RawConnection.answer(port: server.port, to: get("/stream", "1.0"))
            #expect(plain.hasSuffix("Connection: close\r\n\r\npiece 0\npiece 1\npiece 2\n"))
            #expect(!plain.contains("chunked"))
        }
    }

    @Test func failedStreamIsTruncated() async throws {
        try await withServer { server in
            let answer = await RawConnection.answer(port: server.port, to: get("/cut"))
            #expect(answer.contains("3\r\n\u{1}\u{2}\u{3}\r\n") && !answer.hasSuffix("0\r\n\r\n"))
        }
    }

    @Test func chunkedRequestIsAccepted() async throws {
        try await withServer { server in
            let request =
                "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
            let answer = await RawConnection.answer(port: server.port, to: request)
            #expect(answer.hasSuffix("\r\n\r\nabcde"))
        }
    }

    @Test func expect100ContinueIsAnswered() async throws {
        try await withServer { server in
            let port = server.port
            let (interim, final) = await onOwnThread { () -> (String, String) in
                guard let connection = RawConnection(port: port) else { return ("", "") }
                connection.send("POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\nConnection: close\r\n\r\n")
                let interim = connection.read(until: "\r\n\r\n")
                connection.send("abc")
                return (interim, connection.readToEnd())
            }
            #expect(interim == "HTTP/1.1 100 Continue\r\n\r\n")
            #expect(final.hasPrefix("HTTP/1.1 200 OK\r\n") && final.hasSuffix("abc"))
        }
    }

    @Test func http10ConnectionClosesUnlessKeptAlive() async throws {
        try await withServer { server in
            let closed = await RawConnection.answer(port: server.port, to: "GET /a HTTP/1.0\r\n\r\n")
            #expect(closed.contains("\r\nConnection: close\r\n"))
            let kept = await RawConnection.answer(
                port: server.port, to: "GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /b HTTP/1.0\r\n\r\n")
            #expect(kept.contains("Connection: keep-alive\r\n\r\n/aHTTP/1.1 200 OK\r\n") && kept.hasSuffix("/b"))
        }
    }

    @Test func halfClosedClientIsAnswered() async throws {
        try await withServer { server in
            let port = server.port
            let answer = await onOwnThread { () -> String in
                guard let connection = RawConnection(port: port) else { return "" }
                connection.send("GET /a HTTP/1.1\r\nHost: a\r\n\r\n")
                connection.shutDownSending()
                return connection.readToEnd()
            }
            #expect(answer.hasSuffix("/a"))
        }
    }

    @Test func handlerReceivesPeerAddress() async throws {
        let handler: HTTPServer.Handler = { .text("\($0.peerAddress) \($0.peerPort > 0) \($0.minorVersion) \($0.query ?? "-")") }
        try await withServer(.patient, handler) { server in
            let answer = await RawConnection.answer(port: server.port, to: get("/a?b=c", "1.1", "Connection: close\r\n"))
            #expect(answer.hasSuffix("127.0.0.1 true 1 b=c"))
        }
    }

    @Test(arguments: ["localhost", "0.0.0.0", "127.0.0.1", "::1", "::"])
    func hostNamesAndAddressesAreListenedOn(host: String) async throws {
        let handler: HTTPServer.Handler = { .text($0.target) }
        do {
            try await withServer(.patient, host: host, handler) { server in
                let client = HTTPClient()
                defer { client.shutdown() }
                let name = host == "::1" || host == "::" ? "[::1]" : "localhost"
                let url = try #require(HTTPURL("http://\(name):\(server.port)/x"))
                #expect(
                    try await client.send(.init(method: "GET", url: url), deadline: .after(RawConnection.patience)).body.bytes == [47, 120])
            }
        } catch let error as HTTPServerError {
            // Not every machine has IPv6.
            #expect(host.contains(":"), "\(error)")
        }
    }

    @Test func portInUseIsReported() async throws {
        try await withServer { server in
            let error = #expect(throws: HTTPServerError.self) {
                try HTTPServer.start(host: "127.0.0.1", port: server.port) { _ in HTTPResponse(status: 200) }
            }
            #expect(error == .addressInUse(host: "127.0.0.1", port: server.port))
            #expect(
                error?.description == "port \(server.port) on 127.0.0.1 is taken already, by another program or by a server of this one")
        }
    }

    @Test func foreignHostIsRefused() {
        #expect(throws: HTTPServerError.self) { try HTTPServer.start(host: "192.0.2.1", port: 0) { _ in HTTPResponse(status: 200) } }
        #expect(throws: HTTPServerError.self) { try HTTPServer.start(host: "not a host", port: 0) { _ in HTTPResponse(status: 200) } }
    }
}
