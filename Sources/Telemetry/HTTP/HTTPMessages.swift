// Requests and responses.

/// A request as a server has received it, its body whole.
package struct HTTPRequest: Sendable {
    package var method: String
    /// The path and query as sent.
    package var target: String
    package var headers: HTTPHeaders
    package var body: [UInt8]
    /// 1 for HTTP/1.1, 0 for HTTP/1.0.
    package var minorVersion: Int
    package var peerAddress: String
    package var peerPort: Int

    package init(
        method: String, target: String, headers: HTTPHeaders = [:], body: [UInt8] = [], minorVersion: Int = 1, peerAddress: String = "",
        peerPort: Int = 0
    ) {
        self.method = method
        self.target = target
        self.headers = headers
        self.body = body
        self.minorVersion = minorVersion
        self.peerAddress = peerAddress
        self.peerPort = peerPort
    }

    /// The target up to the question mark, not decoded.
    package var path: String { String(target.prefix { $0 != "?" }) }

    /// What follows the question mark, not decoded.
    package var query: String? { target.firstIndex(of: "?").map { String(target[target.index(after: $0)...]) } }
}

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

/// What a message may measure.
package struct HTTPLimits: Sendable {
    package var startLine = 8 * 1024
    package var headerBytes = 32 * 1024
    package var headerCount = 100
    package var body = 8 * 1024 * 1024

    package init() {}
}
