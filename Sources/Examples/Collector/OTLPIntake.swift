// Takes OTLP requests of all signals over HTTP, and answers them as the protocol asks.

import ExampleSupport
import Telemetry

/// Takes requests in protobuf and JSON, compressed with gzip or not, one after another.
///
/// Requests are decompressed and read in turn, however many come at once, so that the memory this takes is that of one request.
actor OTLPIntake {
    /// More than this is refused, plain or decompressed, unless `MAXIMUM_REQUEST_BYTES` says something else. (OTLP, "Request Size".)
    static let maximumRequestBytes = 16 << 20

    private let maximumBytes: Int
    private let collection: TraceCollection

    init(_ collection: TraceCollection, maximumBytes: Int) {
        self.collection = collection
        self.maximumBytes = maximumBytes
    }

    /// Answers a request of one signal.
    func answer(_ request: ServiceRequest, _ signal: OTLPReceivedRequest.Signal) -> ServiceResponse {
        let contentType = OTLPAnswer.contentType(of: request.headers)
        guard let answer = OTLPAnswer(contentType: contentType) else {
            let text = "Content-Type is \"\(contentType)\"; this collector takes application/x-protobuf and application/json.\n"
            return .text(text, status: 415)
        }
        let coding = (request.headers["content-encoding"] ?? "identity").lowercased()
        var body = request.body
        switch coding.filter({ !$0.isWhitespace }) {
        case "identity", "": break
        case "gzip":
            do throws(GzipError) {
                body = try Gzip.decompressed(body, maximumBytes: maximumBytes)
            } catch {
                return Self.refusal(of: error, answer)
            }
        default:
            return .text("Content-Encoding is \"\(coding)\"; this collector takes gzip, and bodies that are not compressed.\n", status: 415)
        }
        do throws(OTLPRequestError) {
            let limits: OTLPReceiveLimits = signal == .metrics ? .metrics : OTLPReceiveLimits()
            let received = try OTLPReceivedRequest(body, signal, answer.encoding, limits: limits, maximumBytes: maximumBytes)
            return answer.success(rejected: collection.add(received, signal))
        } catch {
            if case .tooLarge = error { return answer.status(.resourceExhausted, "The body is too large: \(error)", httpStatus: 413) }
            return answer.status(.invalidArgument, "The body is no \(Self.name(of: signal)): \(error)")
        }
    }

    private static func refusal(of error: GzipError, _ answer: OTLPAnswer) -> ServiceResponse {
        switch error {
        case .tooLarge: answer.status(.resourceExhausted, "The body is too large: \(error)", httpStatus: 413)
        case .noLibrary: .text("This collector cannot take gzip here: \(error)\n", status: 415)
        case .outOfMemory, .damaged, .truncated: answer.status(.invalidArgument, "The body cannot be decompressed: \(error)")
        }
    }

    private static func name(of signal: OTLPReceivedRequest.Signal) -> String {
        switch signal {
        case .traces: "ExportTraceServiceRequest"
        case .metrics: "ExportMetricsServiceRequest"
        case .logs: "ExportLogsServiceRequest"
        }
    }
}

/// Answers in the encoding of the request.
struct OTLPAnswer: Sendable {
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

    /// The content type of a request without its parameters.
    static func contentType(of headers: HTTPHeaders) -> String {
        (headers["content-type"] ?? "").prefix { $0 != ";" }.lowercased().filter { !$0.isWhitespace }
    }

    private var contentType: String { encoding == .json ? "application/json" : "application/x-protobuf" }

    /// That all was taken, or all but so many items. (OTLP, "Partial Success".)
    func success(rejected: Int) -> ServiceResponse {
        let reason = "trace and span identifiers must not be zero"
        switch encoding {
        case .protobuf:
            // An empty response has no bytes at all.
            var body: [UInt8] = []
            if rejected > 0 {
                let partial = [0x08] + Self.varint(rejected) + [0x12, UInt8(reason.utf8.count)] + Array(reason.utf8)
                body = [0x0A, UInt8(partial.count)] + partial
            }
            return ServiceResponse(status: 200, contentType: contentType, body: body)
        case .json:
            let value: JSONValue =
                rejected == 0 ? [:] : ["partialSuccess": ["rejectedSpans": .string("\(rejected)"), "errorMessage": .string(reason)]]
            return ServiceResponse(status: 200, contentType: contentType, body: Array(value.description.utf8))
        }
    }

    /// A refusal as OTLP wants it: a `google.rpc.Status` with code and message. (OTLP, "Failures".)
    func status(_ code: Code, _ message: String, httpStatus: Int = 400) -> ServiceResponse {
        let body: [UInt8]
        switch encoding {
        case .protobuf:
            let text = Array(message.utf8)
            body = [0x08, code.rawValue, 0x12] + Self.varint(text.count) + text
        case .json:
            let value: JSONValue = ["code": .integer(Int64(code.rawValue)), "message": .string(message)]
            body = Array(value.description.utf8)
        }
        return ServiceResponse(status: httpStatus, contentType: contentType, body: body)
    }

    /// What the server says of a request that it refuses before it has read it whole; nil where that is no OTLP request.
    static func refusal(of request: HTTPRequest, _ error: HTTPParseError) -> HTTPResponse? {
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

    private static func varint(_ value: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(rest & 0x7F) | 0x80)
            rest >>= 7
        }
        return bytes + [UInt8(rest)]
    }
}
