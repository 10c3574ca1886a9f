// What a service is asked and what it answers, whatever carried it.

package import Telemetry

/// Header fields carry the context of a trace from one service to the next.
extension HTTPHeaders: CarrierReader, CarrierWriter {
    package var names: [String] { map(\.name) }

    package func value(for name: String) -> String? { self[name] }

    package func forEachValue(for name: String, _ body: (String) -> Void) {
        for value in values(named: name) { body(value) }
    }

    package mutating func setValue(_ value: String, for name: String) { self[name] = value }
}

/// A request as handlers see it.
package struct ServiceRequest: Sendable {
    package var method: String
    /// Path and query as they were written.
    package var target: String
    package var headers: HTTPHeaders
    package var body: [UInt8]
    package var peerAddress: String?
    package var peerPort: Int?
    /// The values of the route's parameters; the router fills them in.
    package var parameters: [String: String] = [:]
    /// The span of the request; it records nothing until the service has started one.
    package var span: TraceSpan = .nonRecording(.invalid)

    package init(method: String, target: String, headers: HTTPHeaders = [:], body: [UInt8] = []) {
        self.method = method
        self.target = target
        self.headers = headers
        self.body = body
    }

    /// A request that came over a socket.
    package init(_ request: HTTPRequest) {
        self.init(method: request.method, target: request.target, headers: request.headers, body: request.body)
        peerAddress = request.peerAddress.isEmpty ? nil : request.peerAddress
        peerPort = request.peerPort
    }

    /// The path as it was written, without query.
    package var path: Substring { target.prefix { $0 != "?" && $0 != "#" } }

    /// What follows the question mark; empty without one.
    package var query: Substring {
        target.drop { $0 != "?" }.dropFirst().prefix { $0 != "#" }
    }

    /// The body as text; what is no UTF-8 becomes replacement characters.
    package var text: String { String(decoding: body, as: UTF8.self) }
}

extension String {
    /// The text as far as spans and log records keep it: they wait in memory until they are delivered, thousands of them.
    package var recorded: String {
        let longest = 4096
        guard utf8.count > longest else { return self }
        var end = utf8.index(utf8.startIndex, offsetBy: longest)
        while end.samePosition(in: unicodeScalars) == nil { end = utf8.index(before: end) }
        return self[..<end] + "…"
    }
}

/// What a handler answers, and how the span of the request is to tell it.
package struct ServiceResponse: Sendable {
    package var status: Int
    package var headers: HTTPHeaders
    package var body: [UInt8]
    /// What the span's status is to be; nil leaves it to the conventions for HTTP.
    package var spanStatus: SpanStatus?

    package init(status: Int, contentType: String? = nil, body: [UInt8] = [], spanStatus: SpanStatus? = nil) {
        self.status = status
        headers = [:]
        headers["Content-Type"] = contentType
        self.body = body
        self.spanStatus = spanStatus
    }

    /// A response that came over a socket.
    package init(_ response: HTTPResponse) {
        self.init(status: response.status, body: response.body.bytes)
        headers = response.headers
    }

    package static func json(_ text: String, status: Int = 200, spanStatus: SpanStatus? = nil) -> ServiceResponse {
        ServiceResponse(
            status: status, contentType: "application/json; charset=utf-8", body: Array(text.utf8), spanStatus: spanStatus)
    }

    package static func json(_ value: JSONValue, status: Int = 200, spanStatus: SpanStatus? = nil) -> ServiceResponse {
        json(value.description, status: status, spanStatus: spanStatus)
    }

    package static func text(_ text: String, status: Int = 200, contentType: String = "text/plain; charset=utf-8") -> ServiceResponse {
        ServiceResponse(status: status, contentType: contentType, body: Array(text.utf8))
    }

    package static func html(_ text: String) -> ServiceResponse {
        .text(text, contentType: "text/html; charset=utf-8")
    }

    /// The body as text; what is no UTF-8 becomes replacement characters.
    package var text: String { String(decoding: body, as: UTF8.self) }
}
