// The one way in which handlers refuse a request: they throw it, and the application answers and records it.

package import Telemetry

/// A refused request: the answer, and what its span and a log line record.
package struct Refusal: Error, Sendable {
    package var status: Int
    /// Header fields of the answer.
    package var headers: HTTPHeaders = [:]
    /// The body of the answer.
    package var body: JSONValue
    /// The message of the log line and, under a contract, the description of the span's error.
    package var reason: String
    /// The name of the span event under a contract; `reason` unless something says more.
    package var event: String
    /// The attribute `detail` of the log line.
    package var detail: String?
    /// The response body that the span records under a contract; nil records none.
    package var recordedBody: String?

    package init(_ body: JSONValue, status: Int = 400, reason: String, detail: String? = nil) {
        self.body = body
        self.status = status
        self.reason = reason
        event = detail ?? reason
        self.detail = detail
        recordedBody = body.description
    }

    /// Creates a refusal that is answered with `{"message": …}`, or with another key.
    package init(_ message: String, status: Int = 400, key: String = "message", detail: String? = nil, recordsBody: Bool = true) {
        let body = JSONObject([.init(key: key, value: .string(message))])
        self.init(.object(body), status: status, reason: message, detail: detail)
        if !recordsBody { recordedBody = nil }
    }

    /// Creates a refusal that is answered with `{"errors": …}`: the field and message of each error.
    package init(_ errors: [FieldError], reason: String) {
        let list = JSONValue.array(errors.map(\.json))
        self.init(["errors": list], reason: reason, detail: list.description)
    }

    /// Creates the refusal of a JSON body, with messages for malformed JSON and for invalid fields.
    package init(_ error: JSONBodyError, malformed: String, invalid: String) {
        switch error {
        case .malformed(let error): self.init(malformed, detail: "Malformed JSON. \(error)")
        case .wrongType(let mismatch): self.init("\(mismatch)")
        case .invalid(let errors): self.init(errors, reason: invalid)
        }
    }
}
