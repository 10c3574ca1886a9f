// The HTTP client of the export worker: deadlines, interruptions, retries and closing servers.

import Glibc
import Testing

@testable import Telemetry

struct BlockingHTTPConnectionTests {
    private static let answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

    private typealias Outcome = Result<HTTPResponse, HTTPClientError>

    private func connection(_ url: String, maximumResponseBytes: Int = 1 << 20) throws -> BlockingHTTPConnection {
        BlockingHTTPConnection(to: try #require(HTTPURL(url)), maximumResponseBytes: maximumResponseBytes)
    }

    /// Posts pieces on a thread of its own, as the export worker does.
    private func post(
        _ connection: BlockingHTTPConnection, _ pieces: [[UInt8]] = [[1]], headers: [(name: String, value: String)] = [],
        within duration: Duration = RawConnection.patience
    ) async -> Outcome {
        await connection.outcome(of: pieces, headers: headers, within: duration)
    }

    private func error(_ outcome: Outcome) -> HTTPClientError? {
        if case .failure(let error) = outcome { error } else { nil }
    }

    @Test func piecesArriveAsOneBody() async throws {
        try await withServer { server in
            let connection = try connection("http://localhost:\(server.port)/echo", maximumResponseBytes: 1 << 23)
            // More pieces than the system takes at a time, some of them empty, and more bytes than a socket holds.
            let pieces = (0..<3000).map { number in [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: number % 7 * 200) }
            let expected = pieces.flatMap { $0 }
            for _ in 0..<2 {
                let response = try await post(connection, pieces).get()
                #expect(response.headers["X-Method"] == "POST")
                #expect(response.body.bytes == expected)
            }
            #expect(try await post(connection, []).get().body.bytes == [])
        }
    }

    @Test func requestHeadIsComplete() async throws {
        let server = try ScriptedServer { connection in
            let text = connection.read(until: "\r\n\r\n")
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: \(text.utf8.count)\r\n\r\n\(text)")
        }
        let connection = try connection(server.url + "v1/traces")
        let headers = [(name: "Content-Type", value: "a/b"), (name: "Evil", value: "a\r\nb"), (name: "content-length", value: "0")]
        let response = try await post(connection, [[1, 2], [3]], headers: headers).get()
        let expected = "POST /v1/traces HTTP/1.1\r\nHost: 127.0.0.1:\(server.port)\r\nContent-Type: a/b\r\nContent-Length: 3\r\n\r\n"
        #expect(String(decoding: response.body.bytes, as: UTF8.self) == expected)
    }

    @Test func connectionIsKeptUntilItIsClosed() async throws {
        let server = try ScriptedServer(
            { connection in
                for _ in 0..<2 where connection.nextRequest() != nil { connection.send(Self.answer) }
            },
            { connection in
                _ = connection.nextRequest()
                connection.send("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok")
                _ = connection.readToEnd()
            },
            { connection in
                if connection.nextRequest() != nil { connection.send(Self.answer) }
                _ = connection.readToEnd()
            },
            { connection in
                if connection.nextRequest() != nil { connection.send(Self.answer) }
            })
        let connection = try connection(server.url)
        for _ in 0..<4 { #expect(try await post(connection).get().status == 200) }
        connection.close()
        #expect(try await post(connection).get().status == 200)
    }

    @Test func requestOnKeptConnectionThatClosesIsRetriedOnce() async throws {
        let server = try ScriptedServer(
            { connection in
                if connection.nextRequest() != nil { connection.send(Self.answer) }
                _ = connection.nextRequest()
            },
            { connection in
                if connection.nextRequest() != nil { connection.send(Self.answer) }
                _ = connection.nextRequest()
                connection.send("HTTP/1.1 2")
            })
        let connection = try connection(server.url)
        for _ in 0..<2 { #expect(try await post(connection).get().status == 200) }
        // An answer that has begun is not asked for again.
        #expect(error(await post(connection)) == .closedEarly(address: "127.0.0.1:\(server.port)"))
    }

    @Test func requestOnNewConnectionThatClosesIsNotRetried() async throws {
        let server = try ScriptedServer(
            { _ = $0.nextRequest() }, { connection in if connection.nextRequest() != nil { connection.send(Self.answer) } })
        let connection = try connection(server.url)
        #expect(error(await post(connection)) == .closedEarly(address: "127.0.0.1:\(server.port)"))
        #expect(try await post(connection).get().status == 200)
    }

    @Test func earlyResponseIsRead() async throws {
        let server = try ScriptedServer { connection in
            _ = connection.read(until: "\r\n\r\n")
            connection.send("HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\nConnection: close\r\n\r\nbig")
            connection.shutDownSending()
            _ = connection.readToEnd()
        }
        let connection = try connection(server.url)
        let response = try await post(connection, [[UInt8](repeating: 0, count: 20_000_000)]).get()
        #expect(response.status == 413)
        #expect(response.body.bytes == Array("big".utf8))
    }

    @Test func refusalTimeoutAndOversizeAreReported() async throws {
        let port = try #require(ScriptedServer.freePort())
        #expect(error(await post(try connection("http://127.0.0.1:\(port)/"))) == .refused(address: "127.0.0.1:\(port)"))
        #expect(error(await post(try connection("https://127.0.0.1:\(port)/"))) == .refused(address: "127.0.0.1:\(port)"))
        let silent = try ScriptedServer { _ = $0.readToEnd() }
        #expect(
            error(await post(try connection(silent.url), within: .milliseconds(50))) == .timedOut(address: "127.0.0.1:\(silent.port)"))
        try await withServer { server in
            let connection = try connection("http://127.0.0.1:\(server.port)/large", maximumResponseBytes: 1000)
            #expect(error(await post(connection)) == .responseTooLarge(address: "127.0.0.1:\(server.port)", limit: 1000))
        }
    }

    @Test func peerThatReadsNothingTimesOut() async throws {
        let gate = Semaphore()
        let server = try ScriptedServer { _ in _ = gate.wait(until: .after(RawConnection.patience)) }
        let body = [[UInt8](repeating: 0, count: 20_000_000)]
        #expect(
            error(await post(try connection(server.url), body, within: .milliseconds(100)))
                == .timedOut(address: "127.0.0.1:\(server.port)"))
        gate.post()
    }

    @Test func requestDuringAnotherIsRefusedAndHarmsNeither() async throws {
        let (hasRequest, mayAnswer) = (Gate(), Semaphore())
        let server = try ScriptedServer { connection in
            for _ in 0..<2 where connection.nextRequest() != nil {
                hasRequest.arrive()
                _ = mayAnswer.wait(until: .after(RawConnection.patience))
                connection.send(Self.answer)
            }
        }
        let connection = try connection(server.url)
        async let first = post(connection)
        #expect(await eventually { hasRequest.arrivals == 1 })
        #expect(error(await post(connection, within: .seconds(1))) == .invalidRequest("another one is under way"))
        for _ in 0..<2 { mayAnswer.post() }
        #expect(try await first.get().status == 200)
        #expect(try await post(connection).get().status == 200)
    }

    @Test func interruptionEndsOneCall() async throws {
        let hasRequest = Gate()
        let server = try ScriptedServer(
            { connection in
                _ = connection.nextRequest()
                hasRequest.arrive()
                _ = connection.readToEnd()
            },
            { connection in
                for _ in 0..<3 where connection.nextRequest() != nil { connection.send(Self.answer) }
            })
        let connection = try connection(server.url)
        async let outcome = post(connection)
        #expect(await eventually { hasRequest.arrivals == 1 })
        connection.interrupt()
        #expect(error(await outcome) == .interrupted)
        #expect(try await post(connection).get().status == 200)
        // One that comes between two calls meets the next, unless it is taken back.
        connection.interrupt()
        #expect(error(await post(connection)) == .interrupted)
        connection.interrupt()
        connection.clearInterruption()
        for _ in 0..<2 { #expect(try await post(connection).get().status == 200) }
    }

    @Test func connectionWithClosedDescriptorsFailsPermanently() async throws {
        let server = try ScriptedServer({ connection in _ = connection.readToEnd() })
        let connection = try connection(server.url)
        let number = connection.interruption.wake.descriptor
        try SocketTests.replace(number)
        #expect(error(await post(connection)) == .descriptorsClosed)
        #expect(connection.interruption.isClosed)
        #expect(error(await post(connection)) == .descriptorsClosed)
        #expect(!HTTPClientError.descriptorsClosed.isTransient)
        connection.interrupt()
        Glibc.close(number)
    }

    @Test("ALB-26: a receiver that speaks HTTP/2 or another protocol is reported")
    func foreignProtocolIsReported() async throws {
        let server = try ScriptedServer(
            { connection in
                connection.send("\0\0\u{6}\u{4}\0\0\0\0\0\0\u{5}")
                _ = connection.nextRequest()
            },
            { connection in
                _ = connection.nextRequest()
                connection.send("SSH-2.0-server\r\n")
            })
        let connection = try connection(server.url)
        let failure = error(await post(connection))
        #expect(failure?.description.contains("answered with an HTTP/2 preface or gRPC; is this a gRPC port?") == true)
        #expect(error(await post(connection))?.description.contains("its first bytes are not those of HTTP") == true)
    }
}
