// The receiving side of OTLP/HTTP: checks, decompresses and decodes requests.

import Telemetry

/// Receives requests in protobuf and JSON, compressed with gzip or not.
///
/// Concurrent requests are decompressed and decoded one after another, so that this takes the memory of one request.
package actor OTLPIntake {
    /// The largest request, plain or decompressed, unless `MAXIMUM_REQUEST_BYTES` is set. (OTLP, "Request Size".)
    package static let maximumRequestBytes = 16 << 20

    /// What becomes of a request's items.
    package enum Outcome: Sendable {
        /// Some were rejected and all others kept; the reason has fewer than 120 bytes.
        case kept(rejected: Int = 0, reason: String = "")
        /// None is kept now, and the same request may succeed later.
        case unavailable(String)
    }

    private let receiver: String
    private let maximumBytes: Int

    /// - Parameter receiver: what messages call the receiver, as `collector`.
    package init(_ receiver: String, maximumBytes: Int) {
        self.receiver = receiver
        self.maximumBytes = maximumBytes
    }

    /// Answers a request of one signal, once its items are kept.
    package func answer(
        _ request: ServiceRequest, _ signal: OTLPReceivedRequest.Signal, _ keep: (OTLPReceivedRequest) async -> Outcome
    ) async -> ServiceResponse {
        let contentType = OTLPAnswer.contentType(of: request.headers)
        guard let answer = OTLPAnswer(contentType: contentType) else {
            let text = "Content-Type is \"\(contentType)\"; this \(receiver) takes application/x-protobuf and application/json.\n"
            return .text(text, status: 415)
        }
        let received: OTLPReceivedRequest
        switch decoded(request, signal, answer) {
        case .success(let request): received = request
        case .failure(let refusal): return refusal.response
        }
        switch await keep(received) {
        case .kept(let rejected, let reason): return answer.success(rejected: rejected, signal, reason: reason)
        case .unavailable(let reason):
            var response = answer.status(.unavailable, reason, httpStatus: 503)
            response.headers["Retry-After"] = "1"
            return response
        }
    }

    private struct Rejection: Error {
        let response: ServiceResponse
    }

    private func decoded(
        _ request: ServiceRequest, _ signal: OTLPReceivedRequest.Signal, _ answer: OTLPAnswer
    ) -> Result<OTLPReceivedRequest, Rejection> {
        let coding = (request.headers["content-encoding"] ?? "identity").lowercased()
        var body = request.body
        switch coding.filter({ !$0.isWhitespace }) {
        case "identity", "": break
        case "gzip":
            do throws(GzipError) {
                body = try Gzip.decompressed(body, maximumBytes: maximumBytes)
            } catch {
                return .failure(Rejection(response: refusal(of: error, answer)))
            }
        default:
            let text = "Content-Encoding is \"\(coding)\"; this \(receiver) takes gzip, and bodies that are not compressed.\n"
            return .failure(Rejection(response: .text(text, status: 415)))
        }
        do throws(OTLPRequestError) {
            let limits: OTLPReceiveLimits = signal == .metrics ? .metrics : OTLPReceiveLimits()
            return .success(try OTLPReceivedRequest(body, signal, answer.encoding, limits: limits, maximumBytes: maximumBytes))
        } catch {
            if case .tooLarge = error {
                return .failure(
                    Rejection(response: answer.status(.resourceExhausted, "The body is too large: \(error)", httpStatus: 413)))
            }
            let text = "The body is no \(Self.name(of: signal)): \(error)"
            return .failure(Rejection(response: answer.status(.invalidArgument, text)))
        }
    }

    private func refusal(of error: GzipError, _ answer: OTLPAnswer) -> ServiceResponse {
        switch error {
        case .tooLarge: answer.status(.resourceExhausted, "The body is too large: \(error)", httpStatus: 413)
        case .noLibrary: .text("This \(receiver) cannot take gzip here: \(error)\n", status: 415)
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
