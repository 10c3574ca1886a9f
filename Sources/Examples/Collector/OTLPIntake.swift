// The receiving side of OTLP/HTTP: checks, decompresses and decodes requests.

import ExampleSupport
import Telemetry

/// Receives requests in protobuf and JSON, compressed with gzip or not.
///
/// Concurrent requests are decompressed and decoded one after another, so that this takes the memory of one request.
actor OTLPIntake {
    /// The largest request, plain or decompressed, unless `MAXIMUM_REQUEST_BYTES` is set. (OTLP, "Request Size".)
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
