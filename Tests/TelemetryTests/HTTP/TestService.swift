// A server of the SDK for tests of servers and clients.

@testable import Telemetry

/// Runs a server for the time of a closure.
func withServer(
    _ options: HTTPServerOptions = .patient, host: String = "127.0.0.1",
    _ handler: @escaping HTTPServer.Handler = TestService.respond,
    _ body: (HTTPServer) async throws -> Void
) async throws {
    let server = try HTTPServer.start(host: host, port: 0, options: options, handler: handler)
    do {
        try await body(server)
    } catch {
        await server.shutdown(within: .zero)
        throw error
    }
    await server.shutdown(within: .zero)
}

/// The handler of the servers in these tests.
enum TestService {
    @Sendable static func respond(_ request: HTTPRequest) async -> HTTPResponse {
        switch request.path {
        case "/echo": HTTPResponse(status: 200, headers: ["X-Method": request.method], body: request.body)
        case "/stream":
            HTTPResponse(status: 200) { writer in
                for number in 0..<3 { await writer.write(Array("piece \(number)\n".utf8)) }
            }
        case "/cut":
            HTTPResponse(status: 200) { writer in
                await writer.write([1, 2, 3])
                throw CancellationError()
            }
        case "/empty": HTTPResponse(status: 204)
        case "/empty-stream": HTTPResponse(status: 204) { await $0.write([1]) }
        case "/strange": HTTPResponse(status: 100)
        case "/large": HTTPResponse(status: 200, body: [UInt8](repeating: 65, count: 3_000_000))
        case "/inject": HTTPResponse(status: 200, headers: ["X-Evil": "a\r\nSet-Cookie: b", "X-Good": "c"])
        default: .text(request.target)
        }
    }
}
