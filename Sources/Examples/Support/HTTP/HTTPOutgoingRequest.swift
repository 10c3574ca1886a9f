// Requests that a client sends.

package import Telemetry

/// A request to a server.
package struct HTTPOutgoingRequest: Sendable {
    package var method: String
    package var url: HTTPURL
    package var headers: HTTPHeaders
    package var body: [UInt8]

    package init(method: String, url: HTTPURL, headers: HTTPHeaders = [:], body: [UInt8] = []) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
    }

    /// True if the request may be sent twice. (RFC 9110 §9.2.2.)
    var isIdempotent: Bool { ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE"].contains(method) }

    /// The serialized request. The client alone sets framing fields.
    var bytes: [UInt8] {
        var text = "\(method) \(url.target) HTTP/1.1\r\n"
        if headers["Host"] == nil { text += "Host: \(url.authority)\r\n" }
        for (name, value) in headers
        where !HTTPGrammar.isSame(name, "Content-Length") && !HTTPGrammar.isSame(name, "Transfer-Encoding") {
            text += "\(name): \(value)\r\n"
        }
        if !body.isEmpty || ["POST", "PUT", "PATCH"].contains(method) { text += "Content-Length: \(body.count)\r\n" }
        return Array((text + "\r\n").utf8) + body
    }
}
