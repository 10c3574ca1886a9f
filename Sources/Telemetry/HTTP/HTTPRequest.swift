// Requests that a server passes to its handler.

/// A request that a server has received, with its whole body.
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

    /// The request of a message that was read from a connection to a peer.
    init(_ head: HTTPHead, body: [UInt8], peer: (host: String, port: Int)) {
        self.init(
            method: head.method, target: head.target, headers: head.headers, body: body, minorVersion: head.minorVersion,
            peerAddress: peer.host, peerPort: peer.port)
    }

    /// The target up to the question mark, percent-encoded.
    package var path: String { String(target.prefix { $0 != "?" }) }

    /// The part after the question mark, percent-encoded.
    package var query: String? { target.firstIndex(of: "?").map { String(target[target.index(after: $0)...]) } }
}
