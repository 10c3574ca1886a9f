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
        var bytes: [UInt8] = []
        bytes.reserveCapacity(512 + body.count)
        func append(_ text: String) {
            var text = text
            text.withUTF8 { bytes.append(contentsOf: $0) }
        }
        func append(_ name: String, _ value: String) {
            append(name)
            append(": ")
            append(value)
            append("\r\n")
        }
        append(method)
        append(" ")
        append(url.target)
        append(" HTTP/1.1\r\n")
        if headers["Host"] == nil { append("Host", url.authority) }
        for (name, value) in headers
        where !HTTPGrammar.isSame(name, "Content-Length") && !HTTPGrammar.isSame(name, "Transfer-Encoding") {
            append(name, value)
        }
        if !body.isEmpty || method == "POST" || method == "PUT" || method == "PATCH" { append("Content-Length", String(body.count)) }
        append("\r\n")
        bytes.append(contentsOf: body)
        return bytes
    }
}
