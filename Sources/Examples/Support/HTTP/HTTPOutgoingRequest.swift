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
    package var bytes: [UInt8] {
        var head = "\(method) \(url.target) HTTP/1.1\r\n"
        head.reserveCapacity(512)
        if headers["Host"] == nil { head.append(field: "Host", url.authority) }
        for (name, value) in headers
        where !HTTPGrammar.isSame(name, "Content-Length") && !HTTPGrammar.isSame(name, "Transfer-Encoding") {
            head.append(field: name, value)
        }
        if !body.isEmpty || method == "POST" || method == "PUT" || method == "PATCH" {
            head.append(field: "Content-Length", String(body.count))
        }
        head += "\r\n"
        return Array(head.utf8) + body
    }
}

extension String {
    fileprivate mutating func append(field name: String, _ value: String) {
        self += name
        self += ": "
        self += value
        self += "\r\n"
    }
}
