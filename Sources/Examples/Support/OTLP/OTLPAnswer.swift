// Responses of OTLP/HTTP, written without the SDK, which only reads them.

package import Telemetry

/// The answer to an OTLP request, in the encoding of the request.
package struct OTLPAnswer: Sendable {
    /// Codes of `google.rpc.Status`.
    enum Code: UInt8 {
        case invalidArgument = 3
        case resourceExhausted = 8
        case unavailable = 14
    }

    let encoding: OTLPReceivedRequest.Encoding

    init?(contentType: String) {
        switch contentType {
        case "application/x-protobuf": encoding = .protobuf
        case "application/json": encoding = .json
        default: return nil
        }
    }

    /// Returns the content type of a request without its parameters.
    static func contentType(of headers: HTTPHeaders) -> String {
        (headers["content-type"] ?? "").prefix { $0 != ";" }.lowercased().filter { !$0.isWhitespace }
    }

    private var contentType: String { encoding == .json ? "application/json" : "application/x-protobuf" }

    /// Returns a success, a partial one if items were rejected. (OTLP, "Partial Success".)
    ///
    /// - Parameter reason: why items were rejected.
    func success(rejected: Int, _ signal: OTLPReceivedRequest.Signal, reason: String) -> ServiceResponse {
        switch encoding {
        case .protobuf:
            return ServiceResponse(status: 200, contentType: contentType, body: Self.success(rejected: rejected, reason: reason))
        case .json:
            let member =
                switch signal {
                case .traces: "rejectedSpans"
                case .metrics: "rejectedDataPoints"
                case .logs: "rejectedLogRecords"
                }
            let partial = JSONObject([
                .init(key: member, value: .string("\(rejected)")), .init(key: "errorMessage", value: .string(reason)),
            ])
            let value: JSONValue = rejected == 0 ? [:] : ["partialSuccess": .object(partial)]
            return ServiceResponse(status: 200, contentType: contentType, body: Array(value.description.utf8))
        }
    }

    /// Returns the protobuf of a success.
    static func success(rejected: Int, reason: String) -> [UInt8] {
        // An empty response has no bytes at all.
        guard rejected > 0 else { return [] }
        let text = Array(reason.utf8)
        let partial = [0x08] + ProtobufVarint.bytes(rejected) + [0x12] + ProtobufVarint.bytes(text.count) + text
        return [0x0A] + ProtobufVarint.bytes(partial.count) + partial
    }

    /// Returns a refusal: a `google.rpc.Status` with code and message. (OTLP, "Failures".)
    func status(_ code: Code, _ message: String, httpStatus: Int = 400) -> ServiceResponse {
        let body: [UInt8]
        switch encoding {
        case .protobuf:
            let text = Array(message.utf8)
            body = [0x08, code.rawValue, 0x12] + ProtobufVarint.bytes(text.count) + text
        case .json:
            let value: JSONValue = ["code": .integer(Int64(code.rawValue)), "message": .string(message)]
            body = Array(value.description.utf8)
        }
        return ServiceResponse(status: httpStatus, contentType: contentType, body: body)
    }

    /// Returns the answer to a request that the server refuses before it is read whole; nil unless it is an OTLP request.
    package static func refusal(of request: HTTPRequest, _ error: HTTPParseError) -> HTTPResponse? {
        guard request.path.hasPrefix("/v1/"), let answer = OTLPAnswer(contentType: contentType(of: request.headers)) else { return nil }
        let code: Code =
            switch error.status {
            case 413: .resourceExhausted
            case 503: .unavailable
            default: .invalidArgument
            }
        let response = answer.status(code, "The request is refused: \(error)", httpStatus: error.status)
        return HTTPResponse(status: response.status, headers: response.headers, body: response.body)
    }
}
