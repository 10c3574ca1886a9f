// The attributes under which services record requests and responses, beside those of the semantic conventions.

import Telemetry

/// Records requests and responses on their span under keys that begin with a service's name.
///
/// Texts are recorded up to 4 KiB.
package struct ContractSpan: Sendable {
    private let parametersKey: String
    private let bodyKey: String
    private let responseCodeKey: String
    private let responseBodyKey: String

    package init(prefix: String) {
        parametersKey = "\(prefix).request.parameters"
        bodyKey = "\(prefix).request.body"
        responseCodeKey = "\(prefix).response.code"
        responseBodyKey = "\(prefix).response.body"
    }

    /// A parameter of a route, and the beginning of what is recorded of it. Keep it: to make one takes as long as to record it.
    package struct Parameter: Sendable, ExpressibleByStringLiteral {
        fileprivate let name: String
        fileprivate let label: String

        package init(stringLiteral name: String) {
            self.name = name
            label = name.uppercased() + "="
        }

        /// The parameter `id`.
        package static let id: Parameter = "id"
    }

    /// Sets `request.parameters` to the name in capitals and the text of a route's parameter: `ID=2`.
    package func recordParameter(_ parameter: Parameter, of request: ServiceRequest) {
        guard request.span.isRecording else { return }
        // Appended: an interpolation takes three times as long.
        request.span[parametersKey] = .string(parameter.label + (request.parameters[parameter.name] ?? ""))
    }

    /// Sets `request.body`.
    package func recordBody(of request: ServiceRequest) {
        guard request.span.isRecording else { return }
        request.span[bodyKey] = .string(request.text.recorded)
    }

    /// Sets `response.code`, and `response.body` unless the body is nil.
    package func recordResponse(_ status: Int, body: String?, to request: ServiceRequest) {
        guard request.span.isRecording else { return }
        request.span[responseCodeKey] = status
        if let body { request.span[responseBodyKey] = .string(body.recorded) }
    }

    /// Returns the JSON response and records it; the status of the span becomes Ok.
    package func response(_ json: JSONValue, status: Int = 200, recordsBody: Bool = true, to request: ServiceRequest) -> ServiceResponse {
        let body = json.bytes
        request.span[responseCodeKey] = .int(Int64(status))
        if recordsBody { record(body, on: request.span) }
        return .json(body, status: status, spanStatus: .ok)
    }

    /// Sets `response.body` to a document, which is valid UTF-8: a string of it would take 500 instructions.
    private func record(_ document: [UInt8], on span: TraceSpan) {
        if document.count <= String.longestRecorded {
            span.setAttribute(responseBodyKey, utf8: document)
        } else if span.isRecording {
            span[responseBodyKey] = .string(String(decoding: document, as: UTF8.self).recorded)
        }
    }
}

extension String {
    fileprivate static let longestRecorded = 4096

    /// The first 4 KiB: spans and log records wait in memory by the thousand until they are exported.
    package var recorded: String {
        guard utf8.count > Self.longestRecorded else { return self }
        var end = utf8.index(utf8.startIndex, offsetBy: Self.longestRecorded)
        while end.samePosition(in: unicodeScalars) == nil { end = utf8.index(before: end) }
        return self[..<end] + "…"
    }
}
