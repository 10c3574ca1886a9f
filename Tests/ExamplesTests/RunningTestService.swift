// The client side of a service under test.

import ExampleSupport
import Telemetry
import Testing

/// A service that listens on a free port of this host, and its finished spans.
struct RunningTestService: Sendable {
    let url: String
    let memory: InMemorySpanExporter

    /// Sends a request over a socket.
    func send(_ method: String, _ path: String, _ body: String = "", headers: HTTPHeaders = [:]) async throws -> ServiceResponse {
        try await SocketTransport(timeout: ServiceHarness.patience).send(method, url + path, headers: headers, body: Array(body.utf8))
    }

    /// Returns the only span that was finished since the last call; any other number fails the test.
    func onlySpan() throws -> ReadableSpan {
        let spans = memory.finishedSpans
        memory.reset()
        #expect(spans.count == 1)
        return try #require(spans.first)
    }
}
