// The asynchronous client with the SDK's server and with scripted servers.

import Testing

@testable import ExampleSupport
@testable import Telemetry

struct HTTPClientTests {
    private static let answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

    private func send(
        _ text: String, method: String = "GET", body: [UInt8] = [], client: HTTPClient = HTTPClient(),
        within duration: Duration = RawConnection.patience
    ) async -> Result<HTTPResponse, HTTPClientError> {
        guard let url = HTTPURL(text) else { return .failure(.unsupportedScheme(text)) }
        do throws(HTTPClientError) {
            return .success(try await client.send(.init(method: method, url: url, body: body), deadline: .after(duration)))
        } catch {
            return .failure(error)
        }
    }

    private func error(_ result: Result<HTTPResponse, HTTPClientError>) -> HTTPClientError? {
        if case .failure(let error) = result { error } else { nil }
    }

    @Test func requestIsAnswered() async throws {
        try await withServer { server in
            let response = try await send("http://127.0.0.1:\(server.port)/echo", method: "POST", body: [1, 2, 3]).get()
            #expect(response.status == 200)
            #expect(response.headers["x-method"] == "POST")
            #expect(response.body.bytes == [1, 2, 3])
            let stream = try await send("http://localhost:\(server.port)/stream").get()
            #expect(stream.body.bytes == Array("piece 0\npiece 1\npiece 2\n".utf8))
            #expect(try await send("http://localhost:\(server.port)/stream", method: "HEAD").get().body.bytes == [])
            #expect(try await send("http://localhost:\(server.port)/large").get().body.bytes.count == 3_000_000)
        }
    }

    @Test func requestIsSerialized() async throws {
        let server = try ScriptedServer { connection in
            let text = connection.read(until: "\r\n\r\n")
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: \(text.utf8.count)\r\n\r\n\(text)")
        }
        let url = try #require(HTTPURL(server.url + "p?q"))
        var request = HTTPClient.Request(method: "PUT", url: url)
        request.headers = ["X-A": "1", "Transfer-Encoding": "gzip", "content-length": "77"]
        let response = try await HTTPClient().send(request, deadline: .after(RawConnection.patience))
        let expected = "PUT /p?q HTTP/1.1\r\nHost: 127.0.0.1:\(server.port)\r\nX-A: 1\r\nContent-Length: 0\r\n\r\n"
        #expect(String(decoding: response.body.bytes, as: UTF8.self) == expected)
    }

    /// The body is larger than what the buffers of two sockets hold.
    @Test func requestLargerThanBuffersOfSocketsIsSentWhole() async throws {
        var options = HTTPServerOptions.patient
        options.limits.body = 32 << 20
        let handler: HTTPServer.Handler = { .text("\($0.body.count)") }
        try await withServer(options, handler) { server in
            let body = [UInt8](repeating: 65, count: 24 << 20)
            let response = try await send("http://127.0.0.1:\(server.port)/", method: "POST", body: body).get()
            #expect(String(decoding: response.body.bytes, as: UTF8.self) == "\(body.count)")
        }
    }

    @Test func manyRequestsAtOnceAllSucceed() async throws {
        try await withServer { server in
            let client = HTTPClient(maximumConnectionsPerHost: 16)
            let url = "http://127.0.0.1:\(server.port)/"
            let succeeded = await withTaskGroup(of: Int.self) { group in
                for worker in 0..<64 {
                    group.addTask {
                        var count = 0
                        for round in 0..<10 {
                            let target = "\(worker)-\(round)"
                            guard case .success(let response) = await send(url + target, client: client) else { continue }
                            if response.body.bytes == Array("/\(target)".utf8) { count += 1 }
                        }
                        return count
                    }
                }
                return await group.reduce(0, +)
            }
            #expect(succeeded == 640)
            client.shutdown()
        }
    }

    @Test func connectionsAreKept() async throws {
        let server = try ScriptedServer { connection in
            for _ in 0..<3 where connection.nextRequest() != nil { connection.send(Self.answer) }
        }
        let client = HTTPClient()
        for _ in 0..<3 { #expect(try await send(server.url, client: client).get().body.bytes == Array("ok".utf8)) }
    }

    @Test func refusedConnectionIsReported() async throws {
        let port = try #require(ScriptedServer.freePort())
        let failure = error(await send("http://127.0.0.1:\(port)/"))
        #expect(failure == .refused(address: "127.0.0.1:\(port)"))
        #expect(failure?.description == "connection refused by 127.0.0.1:\(port)")
    }

    @Test func invalidRequestsAreRefused() async throws {
        #expect(error(await send("https://localhost/")) == .unsupportedScheme("https://localhost/"))
        guard case .invalidRequest = error(await send("http://localhost/", method: "G T")) else {
            return #expect(Bool(false), "The method is no token.")
        }
    }

    @Test func unknownHostIsReported() async throws {
        guard case .unknownHost("no-such-host.invalid", _) = error(await send("http://no-such-host.invalid/")) else {
            return #expect(Bool(false), "The name is reserved for hosts that do not exist.")
        }
    }

    @Test func truncatedResponseFails() async throws {
        let server = try ScriptedServer { connection in
            _ = connection.nextRequest()
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this")
        }
        #expect(error(await send(server.url)) == .closedEarly(address: "127.0.0.1:\(server.port)"))
    }

    @Test func responseWithoutLengthEndsWithConnection() async throws {
        let server = try ScriptedServer { connection in
            _ = connection.nextRequest()
            connection.send("HTTP/1.0 200 OK\r\n\r\nall of it")
        }
        #expect(try await send(server.url).get().body.bytes == Array("all of it".utf8))
    }

    @Test func keptConnectionThatWasClosedIsReplaced() async throws {
        let server = try ScriptedServer(
            { connection in
                _ = connection.nextRequest()
                connection.send(Self.answer)
            },
            { connection in
                for _ in 0..<2 where connection.nextRequest() != nil { connection.send(Self.answer) }
                // The third one is taken and not answered.
                _ = connection.nextRequest()
            },
            { connection in
                _ = connection.nextRequest()
                connection.send(Self.answer)
            })
        let client = HTTPClient()
        for _ in 0..<4 { #expect(try await send(server.url, client: client).get().status == 200) }
    }

    @Test func nonIdempotentRequestIsNotRetried() async throws {
        let server = try ScriptedServer(
            { connection in
                if connection.nextRequest() != nil { connection.send(Self.answer) }
                _ = connection.nextRequest()
            },
            { connection in
                if connection.nextRequest() != nil { connection.send(Self.answer) }
            })
        let client = HTTPClient()
        #expect(try await send(server.url, client: client).get().status == 200)
        #expect(
            error(await send(server.url, method: "POST", body: [1], client: client)) == .closedEarly(address: "127.0.0.1:\(server.port)"))
    }

    @Test func requestTimesOutAtDeadline() async throws {
        let server = try ScriptedServer { connection in
            _ = connection.nextRequest()
            _ = connection.read()
        }
        #expect(error(await send(server.url, within: .milliseconds(50))) == .timedOut(address: "127.0.0.1:\(server.port)"))
    }

    /// Runs a closure with a server that answers when the gate is open.
    private func withGatedServer(_ body: (HTTPServer, Gate) async throws -> Void) async throws {
        let gate = Gate()
        let handler: HTTPServer.Handler = { _ in
            await gate.pass()
            return HTTPResponse(status: 200)
        }
        try await withServer(.patient, handler) { server in try await body(server, gate) }
    }

    @Test func requestWaitingForConnectionTimesOut() async throws {
        try await withGatedServer { server, gate in
            let client = HTTPClient(maximumConnectionsPerHost: 1)
            let url = "http://127.0.0.1:\(server.port)/"
            async let first = send(url, client: client)
            #expect(await eventually { gate.arrivals == 1 })
            #expect(error(await send(url, client: client, within: .milliseconds(50))) == .timedOut(address: "127.0.0.1:\(server.port)"))
            gate.open()
            let (held, later) = (try await first.get(), try await send(url, client: client).get())
            #expect(held.status == 200 && later.status == 200)
        }
    }

    @Test func cancellationEndsRequest() async throws {
        try await withGatedServer { server, gate in
            let url = "http://127.0.0.1:\(server.port)/"
            let task = Task { await send(url) }
            #expect(await eventually { gate.arrivals == 1 })
            task.cancel()
            #expect(error(await task.value) == .interrupted)
            gate.open()
        }
    }

    @Test func shutdownFailsRequests() async throws {
        try await withGatedServer { server, gate in
            let client = HTTPClient(maximumConnectionsPerHost: 1)
            let url = "http://127.0.0.1:\(server.port)/"
            async let first = send(url, client: client)
            async let second = send(url, client: client)
            #expect(await eventually { gate.arrivals == 1 })
            client.shutdown()
            #expect(error(await first) == .shutDown)
            #expect(error(await second) == .shutDown)
            #expect(error(await send(url, client: client)) == .shutDown)
            gate.open()
        }
    }

    @Test func responseBeyondLimitIsRefused() async throws {
        try await withServer { server in
            let client = HTTPClient(maximumResponseBytes: 1000)
            let failure = error(await send("http://127.0.0.1:\(server.port)/large", client: client))
            #expect(failure == .responseTooLarge(address: "127.0.0.1:\(server.port)", limit: 1000))
        }
    }

    @Test func foreignProtocolIsReported() async throws {
        let server = try ScriptedServer { connection in
            // An empty SETTINGS frame, after which such a server waits.
            connection.send("\0\0\0\u{4}\0\0\0\0\0")
            _ = connection.readToEnd()
        }
        let failure = error(await send(server.url))
        #expect(failure?.description.contains("is this a gRPC port?") == true)
    }
}
