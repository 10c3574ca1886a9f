// Requests that a client sends.

package import Telemetry

/// A request to a server.
package struct HTTPOutgoingRequest: Sendable {
    package var method: String
    package var url: HTTPURL
    package var headers: HTTPHeaders
    package var body: [UInt8]
    /// Whether the request may be sent on a connection before earlier ones are answered, and again if the connection ends before its own
    /// answer. Only for requests that change nothing, which the method alone does not say. (RFC 9112, section 9.3.2.)
    package var allowsPipelining = false

    package init(method: String, url: HTTPURL, headers: HTTPHeaders = [:], body: [UInt8] = []) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
    }

    /// True if the request may be sent twice. (RFC 9110 §9.2.2.)
    var isIdempotent: Bool { allowsPipelining || ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE"].contains(method) }

    /// The serialized request. The client alone sets framing fields.
    package var bytes: [UInt8] {
        var bytes: [UInt8] = []
        write(to: &bytes)
        return bytes
    }

    /// Appends the serialized request.
    func write(to bytes: inout [UInt8]) {
        if bytes.isEmpty { bytes.reserveCapacity(768 + body.count) }
        bytes.append(method)
        bytes.append(" ")
        bytes.append(url.target)
        bytes.append(" HTTP/1.1\r\n")
        if headers["Host"] == nil { bytes.append(field: "Host", url.authority) }
        for (name, value) in headers
        where !HTTPGrammar.isSame(name, "Content-Length") && !HTTPGrammar.isSame(name, "Transfer-Encoding") {
            bytes.append(field: name, value)
        }
        if !body.isEmpty || method == "POST" || method == "PUT" || method == "PATCH" {
            bytes.append(field: "Content-Length", String(body.count))
        }
        bytes.append("\r\n")
        bytes += body
    }
}

extension [UInt8] {
    fileprivate mutating func append(field name: String, _ value: String) {
        append(name)
        append(": ")
        append(value)
        append("\r\n")
    }

    /// Appends a text in one piece, where appending its UTF-8 view would go byte by byte.
    fileprivate mutating func append(_ text: String) {
        var text = text
        text.withUTF8 { append(contentsOf: $0) }
    }
}
