// The receiving side of OTLP: checks, decompresses and decodes requests.

import Telemetry

/// Receives requests over HTTP in protobuf and JSON and over gRPC in protobuf, compressed or not.
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
        let coding = (request.headers["content-encoding"] ?? "").lowercased().filter { !$0.isWhitespace }
        do throws(Problem) {
            let body = try plain(request.body, coding, refused)
            switch try await outcome({ () async throws(OTLPRequestError) in try await keep(body, answer.encoding, maximumBytes) }, signal) {
            case .kept(let rejected, let reason): return answer.success(rejected: rejected, signal, reason: reason)
            case .unavailable(let reason):
                var response = answer.status(.unavailable, reason, httpStatus: 503)
                response.headers["Retry-After"] = "1"
                return response
            }
        } catch {
            switch error {
            case .unknownCoding(let codings):
                return .text(
                    "Content-Encoding is \"\(coding)\"; this \(receiver) takes \(codings), and bodies that are not compressed.\n",
                    status: 415)
            case .noLibrary(let reason): return .text("This \(receiver) cannot take \(coding) here: \(reason)\n", status: 415)
            case .tooLarge(let reason): return answer.status(.resourceExhausted, "The body is too large: \(reason)", httpStatus: 413)
            case .damaged(let reason): return answer.status(.invalidArgument, "The body cannot be decompressed: \(reason)")
            case .unreadable(let reason): return answer.status(.invalidArgument, "The body is \(reason)")
            }
        }
    }

    // MARK: Calls of gRPC

    /// Answers a call of one signal, once its items are kept.
    ///
    /// - Parameter refused: told why a request was refused before `keep` saw it, in words for a count by reason.
    package func answer(
        _ call: GRPCCall, _ signal: OTLPReceivedRequest.Signal, refused: (_ reason: String) -> Void,
        _ keep: ([UInt8]) throws(OTLPRequestError) -> Outcome
    ) async -> GRPCAnswer {
        // Others were decoded before it; the caller may have sent it again meanwhile.
        guard !call.deadline.hasPassed, !Task.isCancelled else {
            return .failure(.deadlineExceeded, "The caller gave up before this \(receiver) came to its call.")
        }
        do throws(Problem) {
            let body = try plain(call.message, call.coding, refused)
            let outcome = try await outcome(
                { () throws(OTLPRequestError) in
                    guard body.count <= maximumBytes else { throw .tooLarge(limit: maximumBytes) }
                    return try keep(body)
                }, signal)
            switch outcome {
            case .kept(let rejected, let reason): return .success(OTLPAnswer.success(rejected: rejected, reason: reason))
            case .unavailable(let reason): return .failure(.unavailable, reason, retryDelay: .seconds(1))
            }
        } catch {
            switch error {
            case .unknownCoding(let codings):
                return .failure(
                    .unimplemented,
                    "grpc-encoding is \"\(call.coding)\"; this \(receiver) takes \(codings), and messages that are not compressed.")
            case .noLibrary(let reason): return .failure(.unimplemented, "This \(receiver) cannot take \(call.coding) here: \(reason)")
            case .tooLarge(let reason): return .failure(.resourceExhausted, "The message is too large: \(reason)")
            case .damaged(let reason): return .failure(.invalidArgument, "The message cannot be decompressed: \(reason)")
            case .unreadable(let reason): return .failure(.invalidArgument, "The message is \(reason)")
            }
        }
    }

    // MARK: What both have in common

    /// Why a request is refused.
    private enum Problem: Error {
        case unknownCoding(known: String)
        case noLibrary(String)
        case tooLarge(String)
        case damaged(String)
        case unreadable(String)
    }

    /// Returns a body without its compression.
    private func plain(_ body: [UInt8], _ coding: String, _ refused: (_ reason: String) -> Void) throws(Problem) -> [UInt8] {
        switch coding {
        case "identity", "": return body
        case "gzip":
            do throws(GzipError) {
                return try Gzip.decompressed(body, maximumBytes: maximumBytes)
            } catch {
                refused("not decompressed")
                switch error {
                case .tooLarge: throw .tooLarge(error.description)
                case .noLibrary: throw .noLibrary(error.description)
                case .outOfMemory, .damaged, .truncated: throw .damaged(error.description)
                }
            }
        case "zstd":
            do throws(ZstdError) {
                return try Zstd.decompressed(body, maximumBytes: maximumBytes)
            } catch {
                refused("not decompressed")
                switch error {
                case .tooLarge: throw .tooLarge(error.description)
                case .noLibrary: throw .noLibrary(error.description)
                case .outOfMemory, .damaged, .truncated: throw .damaged(error.description)
                }
            }
        default:
            refused("unknown content encoding")
            throw .unknownCoding(known: "gzip, zstd")
        }
    }

    private func outcome(
        _ keep: () async throws(OTLPRequestError) -> Outcome, _ signal: OTLPReceivedRequest.Signal
    ) async throws(Problem) -> Outcome {
        do throws(OTLPRequestError) {
            return try await keep()
        } catch {
            if case .tooLarge = error { throw .tooLarge("\(error)") }
            throw .unreadable("no \(Self.name(of: signal)): \(error)")
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
