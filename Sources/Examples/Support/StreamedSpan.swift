// Ends the span of a request whose answer is streamed.

import Telemetry

/// A server span that ends with its streamed answer; at the latest when the answer is released, since a client that has gone, or that
/// asked with `HEAD`, never has it streamed.
final class StreamedSpan: Sendable {
    private let server: HTTPServerSpan
    private let statusCode: Int
    /// The status of the span if nothing cuts the answer off.
    private let status: SpanStatus?

    init(_ server: HTTPServerSpan, statusCode: Int, status: SpanStatus?) {
        self.server = server
        self.statusCode = statusCode
        self.status = status
    }

    deinit {
        finish()
    }

    private func finish() {
        if let status { server.span.setStatus(status) }
        server.finish(statusCode: statusCode)
    }

    /// Returns the stream with its statements and log records inside the span, which records an error that cuts the answer off.
    func following(
        _ stream: @escaping @Sendable (HTTPChunkWriter) async throws -> Void
    ) -> @Sendable (HTTPChunkWriter) async throws -> Void {
        { writer in
            do { try await self.server.context.run { try await stream(writer) } } catch {
                self.server.finish(statusCode: self.statusCode, error: error)
                throw error
            }
            self.finish()
        }
    }
}
