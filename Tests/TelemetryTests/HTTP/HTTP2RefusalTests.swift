// What a server of HTTP/1.1 says to a client that speaks HTTP/2 at once.

import Testing

@testable import Telemetry

struct HTTP2RefusalTests {
    private static let opening = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

    @Test func framesAreThoseOfTheSpecification() {
        let frames = HTTP2Refusal.frames("no")
        #expect(frames.prefix(9) == [0, 0, 0, 4, 0, 0, 0, 0, 0], "SETTINGS without any (RFC 9113 §6.5).")
        #expect(Array(frames.dropFirst(9)) == [0, 0, 10, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 13] + Array("no".utf8))
        #expect(HTTP2Refusal.frames(String(repeating: "x", count: 5_000)).count == 9 + 9 + 8 + 500)
    }

    @Test func serverWithoutDirectionsAnswersInHTTP1() async throws {
        try await withServer { server in
            let answer = await RawConnection.answer(port: server.port, to: Self.opening)
            #expect(answer.hasPrefix("HTTP/1.1 505 ") && answer.contains("no HTTP/2 or gRPC"))
        }
    }

    @Test(.enabled(if: HTTP2Peer.isAvailable, "nghttp2 is installed."))
    func clientReadsTheDirectionsOfAServer() async throws {
        var options = HTTPServerOptions.patient
        options.http2Directions = "gRPC goes to port 4317"
        try await withServer(options) { server in
            let connection = BlockingHTTP2Connection(
                to: try #require(HTTPURL("http://127.0.0.1:\(server.port)")), try NGHTTP2.system.get(), tls: nil, proxy: nil,
                maximumResponseBytes: 1_000, varyingField: OTLPGRPCTransport.timeout)
            let error = await connection.outcome(of: ["x"]).error
            #expect(
                error == .wentAway(address: "127.0.0.1:\(server.port)", reason: "HTTP_1_1_REQUIRED, gRPC goes to port 4317"),
                "\(String(describing: error))")
        }
    }
}
