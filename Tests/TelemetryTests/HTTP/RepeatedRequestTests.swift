// Requests and answers that repeat the ones before: what is kept of them must not show.

import Testing

@testable import Telemetry

struct RepeatedRequestTests {
    private func post(
        _ connection: BlockingHTTPConnection, _ body: String, _ headers: [(name: String, value: String)] = []
    ) async throws -> HTTPResponse {
        try await connection.outcome(of: [Array(body.utf8)], headers: headers, within: RawConnection.patience).get()
    }

    @Test func headOfARequestHasItsOwnLengthMethodAndFields() async throws {
        // Answers with the whole request, whose last bytes it knows.
        @Sendable func echo(_ connection: RawConnection, until end: String) {
            let text = connection.read(until: end)
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: \(text.utf8.count)\r\n\r\n\(text)")
        }
        let server = try ScriptedServer { connection in
            for _ in 0..<4 { echo(connection, until: "end") }
            echo(connection, until: "\r\n\r\n")
        }
        let connection = BlockingHTTPConnection(to: try #require(HTTPURL(server.url + "v1/traces")))
        let start = "HTTP/1.1\r\nHost: 127.0.0.1:\(server.port)\r\n"
        let (some, others) = ([(name: "A", value: "1")], [(name: "A", value: "2")])
        let long = String(repeating: "x", count: 1000) + "end"
        for (body, headers) in [("end", some), (long, some), ("end", others), (long, some)] {
            let response = try await post(connection, body, headers)
            let expected = "POST /v1/traces \(start)A: \(headers[0].value)\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
            #expect(String(decoding: response.body.bytes, as: UTF8.self) == expected)
        }
        let response = try await onOwnThread { Result { try connection.get(headers: some, deadline: .after(RawConnection.patience)) } }
            .get()
        #expect(String(decoding: response.body.bytes, as: UTF8.self) == "GET /v1/traces \(start)A: 1\r\n\r\n")
    }

    @Test func anAnswerIsReadAnewWhenItChanges() async throws {
        let refusal = "HTTP/1.1 503 No\r\nContent-Length: 2\r\n\r\nno"
        let answers = [
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nno", refusal, refusal, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
            // Longer than what is kept.
            "HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n" + String(repeating: "x", count: 2000),
            "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
        ]
        let server = try ScriptedServer { connection in
            for answer in answers where connection.nextRequest() != nil { connection.send(answer) }
        }
        let connection = BlockingHTTPConnection(to: try #require(HTTPURL(server.url)))
        for answer in answers {
            let response = try await post(connection, "x")
            #expect(answer.hasPrefix("HTTP/1.1 \(response.status) "))
            #expect(answer.hasSuffix("\r\n\r\n" + String(decoding: response.body.bytes, as: UTF8.self)))
        }
    }

    @Test func aConnectionWithBytesBehindARepeatedAnswerIsClosed() async throws {
        let answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
        let server = try ScriptedServer(
            { connection in
                for sent in [answer, answer, answer + "more"] where connection.nextRequest() != nil { connection.send(sent) }
                _ = connection.readToEnd()
            },
            { connection in if connection.nextRequest() != nil { connection.send(answer) } }
        )
        let connection = BlockingHTTPConnection(to: try #require(HTTPURL(server.url)))
        for _ in 0..<4 { #expect(try await post(connection, "x").status == 200) }
    }
}
