// Responses that a handler returns and a client receives.

/// A response.
package struct HTTPResponse: Sendable {
    package var status: Int
    package var headers: HTTPHeaders
    package var body: HTTPBody

    package init(status: Int, headers: HTTPHeaders = [:], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = .bytes(body)
    }

    package init(status: Int, headers: HTTPHeaders = [:], stream: @escaping @Sendable (HTTPChunkWriter) async throws -> Void) {
        self.status = status
        self.headers = headers
        body = .stream(stream)
    }

    /// The answer to a request that is not accepted.
    init(refusing error: HTTPParseError) {
        self = .text(error.description + "\n", status: error.status)
        if error.status == 503 { headers["Retry-After"] = "1" }
    }

    /// The answer where memory is short.
    static var overloaded: HTTPResponse { HTTPResponse(refusing: .overloaded) }

    /// A response of plain text.
    package static func text(_ text: String, status: Int = 200) -> HTTPResponse {
        HTTPResponse(status: status, headers: ["Content-Type": "text/plain; charset=utf-8"], body: Array(text.utf8))
    }
}

/// The body of a response.
package enum HTTPBody: Sendable {
    case bytes([UInt8])
    /// Pieces that are sent as they come, in chunked coding. After an error the connection is cut, so that the client notices.
    case stream(@Sendable (HTTPChunkWriter) async throws -> Void)

    /// The bytes; none of a stream.
    package var bytes: [UInt8] { if case .bytes(let bytes) = self { bytes } else { [] } }
}

/// Sends the pieces of a streamed body.
package struct HTTPChunkWriter: Sendable {
    let send: @Sendable ([UInt8]) async -> Bool

    /// Sends a piece; waits while the peer is slow to take what was sent before. False when the peer has gone.
    @discardableResult
    package func write(_ bytes: [UInt8]) async -> Bool { bytes.isEmpty ? true : await send(bytes) }
}
