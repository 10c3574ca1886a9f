// Ends the span of a request whose answer is streamed.

import Telemetry

/// A server span that ends with its streamed answer; at the latest when the answer is released, since a client that has gone, or that
/// asked with `HEAD`, never has it streamed.
final class StreamedSpan: Sendable {
    private let server: HTTPServerSpan
    private let statusCode: Int

    init(_ server: HTTPServerSpan, statusCode: Int) {
        self.server = server
        self.statusCode = statusCode
    }

    deinit {
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
            self.server.finish(statusCode: self.statusCode)
        }
    }
}
