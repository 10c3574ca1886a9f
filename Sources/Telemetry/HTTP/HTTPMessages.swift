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

    package init(status: Int, headers: HTTPHeaders = [:], stream: @escaping @Sendable (HTTPChunkWriter) async -> Void) {
        self.status = status
        self.headers = headers
        body = .stream(stream)
    }

    /// A response of plain text.
    package static func text(_ text: String, status: Int = 200) -> HTTPResponse {
        HTTPResponse(status: status, headers: ["Content-Type": "text/plain; charset=utf-8"], body: Array(text.utf8))
    }
}

/// The body of a response.
package enum HTTPBody: Sendable {
    case bytes([UInt8])
    /// Pieces that are sent as they come, in chunked coding.
    case stream(@Sendable (HTTPChunkWriter) async -> Void)

    /// The bytes; none of a stream.
    package var bytes: [UInt8] { if case .bytes(let bytes) = self { bytes } else { [] } }
}

/// Sends the pieces of a streamed body.
package struct HTTPChunkWriter: Sendable {
    let send: @Sendable ([UInt8]) async -> Bool

    /// Sends a piece; waits while the peer is slow to take what was sent before. False when the peer has gone.
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

/// The reason phrases of the usual statuses.
enum HTTPReason {
    static func phrase(_ status: Int) -> String {
        switch status {
        case 100: "Continue"
        case 200: "OK"
        case 201: "Created"
        case 202: "Accepted"
        case 204: "No Content"
        case 301: "Moved Permanently"
        case 302: "Found"
        case 304: "Not Modified"
        case 307: "Temporary Redirect"
        case 308: "Permanent Redirect"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 408: "Request Timeout"
        case 409: "Conflict"
        case 411: "Length Required"
        case 413: "Content Too Large"
        case 414: "URI Too Long"
        case 415: "Unsupported Media Type"
        case 417: "Expectation Failed"
        case 422: "Unprocessable Content"
        case 429: "Too Many Requests"
        case 431: "Request Header Fields Too Large"
        case 500: "Internal Server Error"
        case 501: "Not Implemented"
        case 502: "Bad Gateway"
        case 503: "Service Unavailable"
        case 504: "Gateway Timeout"
        case 505: "HTTP Version Not Supported"
        default: "Status"
        }
    }
}
