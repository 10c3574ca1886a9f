// Requests and responses over TLS, with the server of the `openssl` command.

import Testing

@testable import Telemetry

@Suite(.enabled(if: OpenSSLCommand.isInstalled, "The openssl command is installed."))
struct TLSExchangeTests {
    private static let answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

    private func connection(_ server: OpenSSLServer, maximumResponseBytes: Int = 1 << 24) throws -> BlockingHTTPConnection {
        let context = try TLSContext(TLSOptions(certificateAuthorityFile: TestCertificates.authority))
        let url = try #require(HTTPURL("https://127.0.0.1:\(server.port)/v1/traces"))
        return BlockingHTTPConnection(to: url, tls: context, maximumResponseBytes: maximumResponseBytes)
    }

    /// Answers each request with its own body.
    @Sendable private static func echo(_ connection: RawConnection, _: OpenSSLServer.Ending) {
        while let request = connection.nextRequest() {
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: \(request.body.count)\r\n\r\n")
            connection.send(String(decoding: request.body, as: UTF8.self))
        }
    }

    @Test(arguments: ["-tls1_2", "-tls1_3"])
    func keptConnectionIsReused(version: String) async throws {
        // The server accepts one connection, and with TLS 1.3 its session tickets arrive between two requests.
        let server = try await OpenSSLServer(options: [version], Self.echo)
        let connection = try connection(server)
        for number in 0..<5 {
            let body = Array("request \(number)".utf8)
            #expect(try await connection.outcome(of: [body]).get().body.bytes == body)
        }
        connection.close()
    }

    @Test func piecesOfAllSizesArriveAsOneBody() async throws {
        let server = try await OpenSSLServer(Self.echo)
        let connection = try connection(server)
        let sizes = [0, 1, 16_383, 16_384, 16_385, 40_000, 0, 7, 100, 5_000_000] + (0..<2000).map { $0 % 97 }
        let pieces = sizes.enumerated().map { index, size in [UInt8](repeating: UInt8(48 + index % 70), count: size) }
        let response = try await connection.outcome(of: pieces).get()
        #expect(response.body.bytes == pieces.flatMap { $0 })
        #expect(try await connection.outcome(of: []).get().body.bytes == [])
    }

    @Test func responseBeyondLimitIsRefused() async throws {
        let server = try await OpenSSLServer(Self.echo)
        let error = try await connection(server, maximumResponseBytes: 1000).outcome(of: [[UInt8](repeating: 48, count: 100_000)]).error
        #expect(error == .responseTooLarge(address: "127.0.0.1:\(server.port)", limit: 1000))
    }

    @Test func connectionClosedByServerIsReplaced() async throws {
        let server = try await OpenSSLServer(connections: 2) { connection, _ in
            if connection.nextRequest() != nil {
                connection.send("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok")
            }
            if connection.nextRequest() != nil { connection.send(Self.answer) }
            _ = connection.readToEnd()
        }
        let connection = try connection(server)
        for _ in 0..<2 { #expect(try await connection.outcome().get().status == 200) }
    }

    @Test func serverFailureDuringRequestIsTransient() async throws {
        let server = try await OpenSSLServer(options: ["-alpn", "http/1.1"]) { connection, end in
            _ = connection.read()
            end()
        }
        let error = try await connection(server).outcome(of: [[UInt8](repeating: 48, count: 30_000_000)]).error
        #expect(error == .closedEarly(address: "127.0.0.1:\(server.port)"))
        #expect(error?.isTransient == true)
    }

    @Test func closeWithoutResponseIsReportedWithHint() async throws {
        let server = try await OpenSSLServer { connection, end in
            _ = connection.nextRequest()
            end()
        }
        let error = try #require(await connection(server).outcome().error)
        #expect(error.isTransient)
        #expect(error.description.hasPrefix("127.0.0.1:\(server.port) closed the connection before it had answered; "))
        #expect(error.description.contains("it did not agree to speak HTTP/1.1; is this a gRPC port?"))
        let asking = try await OpenSSLServer(options: ["-verify", "1", "-alpn", "http/1.1"]) { connection, end in
            _ = connection.nextRequest()
            end()
        }
        let text = try #require(await connection(asking).outcome().error).description
        #expect(text.contains("it asked for a client certificate and got none; if it demands one, give it one, with its key"))
    }

    @Test func serverFailureDuringResponseIsReported() async throws {
        let hasBegun = Gate()
        let server = try await OpenSSLServer { connection, end in
            _ = connection.nextRequest()
            // More than the pipes between here and there hold, so that some of it has been sent on.
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 5000000\r\n\r\n" + String(repeating: "x", count: 2_000_000))
            hasBegun.arrive()
            end()
        }
        let error = try await connection(server).outcome().error
        #expect(hasBegun.arrivals == 1)
        #expect(error == .closedEarly(address: "127.0.0.1:\(server.port)"))
    }

    @Test func serverThatReadsNothingTimesOut() async throws {
        let isOver = Semaphore()
        let server = try await OpenSSLServer { _, _ in _ = isOver.wait(until: .after(RawConnection.patience)) }
        let body = [[UInt8](repeating: 48, count: 30_000_000)]
        let error = try await connection(server).outcome(of: body, within: .milliseconds(500)).error
        #expect(error == .timedOut(address: "127.0.0.1:\(server.port)"))
        isOver.post()
    }

    @Test func unresponsiveServerTimesOutOrIsInterrupted() async throws {
        let hasRequest = Gate()
        let server = try await OpenSSLServer(connections: 2) { connection, _ in
            while connection.nextRequest() != nil { hasRequest.arrive() }
        }
        let connection = try connection(server)
        async let outcome = connection.outcome()
        #expect(await eventually { hasRequest.arrivals == 1 })
        connection.interrupt()
        #expect(await outcome.error == .interrupted)
        #expect(await connection.outcome(within: .milliseconds(300)).error == .timedOut(address: "127.0.0.1:\(server.port)"))
    }
}
