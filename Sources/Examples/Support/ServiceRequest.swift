// The request of a route handler: raw parts, then the typed values that handlers read from them.

package import Telemetry

/// A request as handlers see it, independent of its transport.
package struct ServiceRequest: Sendable {
    /// What was received. An object, since requests are copied several times on their way to the handler.
    private final class Received: Sendable {
        let request: HTTPRequest
        /// Found once, for the router, the limits and the log line.
        let path: String

        init(_ request: HTTPRequest) {
            self.request = request
            let end = request.target.utf8.firstIndex { $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "#") }
            path = end.map { String(request.target[..<$0]) } ?? request.target
        }
    }

    private var received: Received
    /// The values of the route's parameters; the router sets them.
    package var parameters = PathParameters()
    /// The server span of the request; a non-recording one outside of `TracedApplication`.
    package var span: TraceSpan = .nonRecording(.invalid)

    /// Creates a request from one that the HTTP server has read.
    package init(_ request: HTTPRequest) {
        received = Received(request)
    }

    package init(method: String, target: String, headers: HTTPHeaders = [:], body: [UInt8] = []) {
        self.init(HTTPRequest(method: method, target: target, headers: headers, body: body))
    }

    package var method: String { received.request.method }
    package var peerPort: Int? { received.request.peerPort == 0 ? nil : received.request.peerPort }

    /// Path and query, not decoded.
    package var target: String {
        get { received.request.target }
        set { change { $0.target = newValue } }
    }

    package var headers: HTTPHeaders {
        get { received.request.headers }
        set { change { $0.headers = newValue } }
    }

    package var body: [UInt8] {
        get { received.request.body }
        set { change { $0.body = newValue } }
    }

    package var peerAddress: String? {
        get { received.request.peerAddress.isEmpty ? nil : received.request.peerAddress }
        set { change { $0.peerAddress = newValue ?? "" } }
    }

    private mutating func change(_ change: (inout HTTPRequest) -> Void) {
        var request = received.request
        change(&request)
        received = Received(request)
    }

    /// The path without the query, not decoded.
    package var path: String { received.path }

    /// The text between the question mark and the fragment; empty without one.
    package var query: Substring {
        Substring(target.utf8.drop { $0 != UInt8(ascii: "?") }.dropFirst().prefix { $0 != UInt8(ascii: "#") })
    }

    /// The body as text; invalid UTF-8 becomes replacement characters.
    package var text: String { String(decoding: body, as: UTF8.self) }
}

extension ServiceRequest {
    /// Returns the value of a route's parameter, or throws the refusal that is made of its text.
    ///
    /// - Parameter refusal: makes the refusal of a text that is no such value.
    package func parameter<Value: LosslessStringConvertible>(
        _ name: String, as type: Value.Type, orRefuse refusal: (String) -> Refusal
    ) throws(Refusal) -> Value {
        let text = parameters[name] ?? ""
        guard let value = Value(text) else { throw refusal(text) }
        return value
    }

    /// Returns the first query parameter of that name; nil without one. `+` is a space. (WHATWG URL, section 5.1.)
    package func queryParameter(_ name: String) -> String? {
        Self.pairs(of: query).first { $0.name == name }?.value
    }

    /// Returns the fields of a form or a query.
    package static func pairs(of text: Substring) -> [(name: String, value: String)] {
        // By bytes, since to split a form by its characters takes more than all else that is done with it.
        var text = text
        return text.withUTF8 { bytes in
            bytes.split(separator: UInt8(ascii: "&")).map { pair in
                let end = pair.firstIndex(of: UInt8(ascii: "=")) ?? pair.endIndex
                return (PercentEncoding.decodeField(pair[..<end]), PercentEncoding.decodeField(pair[end...].dropFirst()))
            }
        }
    }

    /// The token of the `Authorization` field, with or without the scheme `Bearer`; nil without one. (RFC 6750, section 2.1.)
    package var bearerToken: String? {
        let words = (headers["authorization"] ?? "").split(separator: " ")
        switch words.count {
        case 1: return words[0].lowercased() == "bearer" ? nil : String(words[0])
        case 2: return words[0].lowercased() == "bearer" ? String(words[1]) : nil
        default: return nil
        }
    }

    /// Decodes the JSON value at the beginning of the body; the bytes after it are ignored.
    ///
    /// - Parameters:
    ///   - subject: names the value in messages, such as `The album`.
    ///   - read: reads the fields; the errors that they collect are thrown together.
    package func decoded<Value>(_ subject: String, _ read: (inout JSONFields) -> Value) throws(JSONBodyError) -> Value {
        let document: JSONValue
        do { document = try JSONValue(prefixOf: body) } catch { throw .malformed(error) }
        return try Self.decoded(document, subject, read)
    }

    /// Decodes a body as Express's parsers do: a form by its media type, else JSON and nothing after it; an empty body has no fields.
    package func decodedFields<Value>(_ subject: String, _ read: (inout JSONFields) -> Value) throws(JSONBodyError) -> Value {
        let mediaType = (headers["Content-Type"] ?? "").prefix { $0 != ";" && $0 != " " }
        var document = JSONValue.object(JSONObject())
        if mediaType.lowercased() == "application/x-www-form-urlencoded" {
            document = .object(JSONObject(Self.pairs(of: text[...]).map { JSONObject.Member(key: $0.name, value: .string($0.value)) }))
        } else if !body.isEmpty {
            do { document = try JSONValue(parsing: body) } catch { throw .malformed(error) }
        }
        return try Self.decoded(document, subject, read)
    }

    private static func decoded<Value>(
        _ document: JSONValue, _ subject: String, _ read: (inout JSONFields) -> Value
    ) throws(JSONBodyError) -> Value {
        var fields = JSONFields(document, subject: subject)
        let value = read(&fields)
        if let mismatch = fields.typeMismatch { throw .wrongType(mismatch) }
        guard fields.errors.isEmpty else { throw .invalid(fields.errors) }
        return value
    }
}
