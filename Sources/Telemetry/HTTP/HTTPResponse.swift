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

    /// Whether the body is sent: the answer to `HEAD` and some statuses have none.
    func hasBody(inAnswerTo request: HTTPRequest) -> Bool { request.method != "HEAD" && mayHaveBody }

    /// False for statuses whose answers end with the head.
    var mayHaveBody: Bool { status != 204 && status != 304 }

    /// Becomes an error if its status is none that ends an exchange: the client would take it for an interim response.
    mutating func requireFinalStatus() {
        if !(200...999).contains(status) { self = .text("the service answered with the status \(status)\n", status: 500) }
    }

    /// The response to a request that is refused: the service's own, or else one of plain text.
    init(refusing error: HTTPParseError, own: HTTPResponse? = nil) {
        self = own ?? .text(error.description + "\n", status: error.status)
        if error.status == 503, headers["Retry-After"] == nil { headers["Retry-After"] = "1" }
    }

    /// The response if the memory limit is exceeded.
    static var overloaded: HTTPResponse { HTTPResponse(refusing: .overloaded) }

    /// A response of plain text.
    package static func text(_ text: String, status: Int = 200) -> HTTPResponse {
        HTTPResponse(status: status, headers: ["Content-Type": "text/plain; charset=utf-8"], body: Array(text.utf8))
    }
}

/// The body of a response.
package enum HTTPBody: Sendable {
    package typealias Producer = @Sendable (HTTPChunkWriter) async throws -> Void

    case bytes([UInt8])
    /// Pieces that are sent as they are produced, in chunked coding. After an error the connection is closed, so that the client
    /// detects that the body is incomplete.
    case stream(Producer)

    /// The bytes; empty for a stream.
    package var bytes: [UInt8] { if case .bytes(let bytes) = self { bytes } else { [] } }
}

/// Sends the pieces of a streamed body.
package struct HTTPChunkWriter: Sendable {
    let send: @Sendable ([UInt8]) async -> Bool

    /// Sends a piece; waits while the peer is slow. Returns false if the peer has disconnected.
    @discardableResult
    package func write(_ bytes: [UInt8]) async -> Bool { bytes.isEmpty ? true : await send(bytes) }
}
