// The response of a route handler, with what the server span needs of it.

package import Telemetry

/// A response, and the status that it sets on the request's span.
package struct ServiceResponse: Sendable {
    package var status: Int
    package var headers: HTTPHeaders
    package var body: [UInt8]
    /// Sends a body of any length piece by piece, instead of `body`; it is asked for the next piece when the client has taken the last.
    package var stream: (@Sendable (HTTPChunkWriter) async throws -> Void)?
    /// The status of the span; nil leaves it to the semantic conventions for HTTP.
    package var spanStatus: SpanStatus?
    private var refused: Refused?

    /// An object, since responses are copied several times and few of them are refusals.
    private final class Refused: Sendable {
        let refusal: Refusal

        init(_ refusal: Refusal) { self.refusal = refusal }
    }

    package init(status: Int, contentType: String? = nil, body: [UInt8] = [], spanStatus: SpanStatus? = nil) {
        self.status = status
        headers = [:]
        if let contentType { headers.add("Content-Type", contentType) }
        self.body = body
        self.spanStatus = spanStatus
    }

    /// Creates a response from one that the HTTP client has read.
    package init(_ response: HTTPResponse) {
        self.init(status: response.status, body: response.body.bytes)
        headers = response.headers
    }

    package init(_ refusal: Refusal) {
        self = .json(refusal.body, status: refusal.status)
        for field in refusal.headers { headers.add(field.name, field.value) }
        refused = Refused(refusal)
    }

    /// The refusal that the response was made of, which `TracedApplication` records.
    var refusal: Refusal? { refused?.refusal }

    package static func json(_ text: String, status: Int = 200, spanStatus: SpanStatus? = nil) -> ServiceResponse {
        json(Array(text.utf8), status: status, spanStatus: spanStatus)
    }

    package static func json(_ value: JSONValue, status: Int = 200, spanStatus: SpanStatus? = nil) -> ServiceResponse {
        json(value.bytes, status: status, spanStatus: spanStatus)
    }

    /// Returns the response with an encoded document.
    package static func json(_ document: [UInt8], status: Int = 200, spanStatus: SpanStatus? = nil) -> ServiceResponse {
        ServiceResponse(status: status, contentType: "application/json; charset=utf-8", body: document, spanStatus: spanStatus)
    }

    package static func text(_ text: String, status: Int = 200, contentType: String = "text/plain; charset=utf-8") -> ServiceResponse {
        ServiceResponse(status: status, contentType: contentType, body: Array(text.utf8))
    }

    package static func html(_ text: String) -> ServiceResponse {
        .text(text, contentType: "text/html; charset=utf-8")
    }

    /// The body as text; invalid UTF-8 becomes replacement characters.
    package var text: String { String(decoding: body, as: UTF8.self) }
}
