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
        /// Some were rejected, for the reason, and all others kept.
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
        await answer(request, signal, refused: { _ in }) { body, encoding, maximumBytes throws(OTLPRequestError) in
            let limits: OTLPReceiveLimits = signal == .metrics ? .metrics : OTLPReceiveLimits()
            return await keep(try OTLPReceivedRequest(body, signal, encoding, limits: limits, maximumBytes: maximumBytes))
        }
    }

    /// Answers a request of one signal in protobuf, whichever encoding it came in, once its items are kept.
    ///
    /// - Parameter refused: told why a request was refused before `keep` saw it, in words for a count by reason.
    package func answerProtobuf(
        _ request: ServiceRequest, _ signal: OTLPReceivedRequest.Signal, refused: (_ reason: String) -> Void,
        _ keep: ([UInt8]) throws(OTLPRequestError) -> Outcome
    ) async -> ServiceResponse {
        await answer(request, signal, refused: refused) { body, encoding, maximumBytes throws(OTLPRequestError) in
            guard body.count <= maximumBytes else { throw .tooLarge(limit: maximumBytes) }
            guard encoding == .json else { return try keep(body) }
            let protobuf: [UInt8]
            do throws(OTLPRequestError) {
                protobuf = try OTLPReceivedRequest.protobuf(ofJSON: body, signal, maximumBytes: maximumBytes)
            } catch {
                refused("unreadable requests")
                throw error
            }
            return try keep(protobuf)
        }
    }

    private func answer(
        _ request: ServiceRequest, _ signal: OTLPReceivedRequest.Signal, refused: (_ reason: String) -> Void,
        _ keep: (_ body: [UInt8], _ encoding: OTLPReceivedRequest.Encoding, _ maximumBytes: Int) async throws(OTLPRequestError) -> Outcome
    ) async -> ServiceResponse {
        let contentType = OTLPAnswer.contentType(of: request.headers)
        guard let answer = OTLPAnswer(contentType: contentType) else {
            refused("unknown content type")
            let text = "Content-Type is \"\(contentType)\"; this \(receiver) takes application/x-protobuf and application/json.\n"
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
                refused("not decompressed")
                return refusal(of: error, answer)
            }
        default:
            refused("unknown content encoding")
            return .text(
                "Content-Encoding is \"\(coding)\"; this \(receiver) takes gzip, and bodies that are not compressed.\n", status: 415)
        }
        do throws(OTLPRequestError) {
            switch try await keep(body, answer.encoding, maximumBytes) {
            case .kept(let rejected, let reason): return answer.success(rejected: rejected, signal, reason: reason)
            case .unavailable(let reason):
                var response = answer.status(.unavailable, reason, httpStatus: 503)
                response.headers["Retry-After"] = "1"
                return response
            }
        } catch {
            if case .tooLarge = error { return answer.status(.resourceExhausted, "The body is too large: \(error)", httpStatus: 413) }
            return answer.status(.invalidArgument, "The body is no \(Self.name(of: signal)): \(error)")
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
