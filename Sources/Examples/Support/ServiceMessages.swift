// What a service is asked and what it answers, whatever carried it.

package import Telemetry

/// Header fields in the order in which they were written; names are compared without regard to case.
package struct Headers: Sendable, CarrierReader, CarrierWriter {
    package private(set) var fields: [(name: String, value: String)]

    package init(_ fields: [(name: String, value: String)] = []) {
        self.fields = fields
    }

    package subscript(name: String) -> String? { value(for: name) }

    package var names: [String] { fields.map(\.name) }

    package func value(for name: String) -> String? { values(for: name).first }

    package func values(for name: String) -> [String] {
        let name = name.lowercased()
        return fields.filter { $0.name.lowercased() == name }.map(\.value)
    }

    package mutating func setValue(_ value: String, for name: String) {
        let lowercased = name.lowercased()
        fields.removeAll { $0.name.lowercased() == lowercased }
        fields.append((name, value))
    }
}

/// A request as handlers see it.
package struct ServiceRequest: Sendable {
    package var method: String
    /// Path and query as they were written.
    package var target: String
    package var headers: Headers
    package var body: [UInt8]
    package var peerAddress: String?
    package var peerPort: Int?
    /// The values of the route's parameters; the router fills them in.
    package var parameters: [String: String] = [:]
    /// The span of the request; it records nothing until the service has started one.
    package var span: TraceSpan = .nonRecording(.invalid)

    package init(
        method: String, target: String, headers: Headers = Headers(), body: [UInt8] = [], peerAddress: String? = nil,
        peerPort: Int? = nil
    ) {
        self.method = method
        self.target = target
        self.headers = headers
        self.body = body
        self.peerAddress = peerAddress
        self.peerPort = peerPort
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

/// What a handler answers, and how the span of the request is to tell it.
package struct ServiceResponse: Sendable {
    package var status: Int
    package var headers: Headers
    package var body: [UInt8]
    /// What the span's status is to be; nil leaves it to the conventions for HTTP.
    package var spanStatus: SpanStatus?

    package init(status: Int, contentType: String? = nil, body: [UInt8] = [], spanStatus: SpanStatus? = nil) {
        self.status = status
        self.headers = Headers(contentType.map { [("Content-Type", $0)] } ?? [])
        self.body = body
        self.spanStatus = spanStatus
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
