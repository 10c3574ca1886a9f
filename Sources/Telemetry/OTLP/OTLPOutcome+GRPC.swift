// The rules of OTLP/gRPC for the response to an export call.

extension OTLPOutcome {
    /// Reads the response to a call. (OTLP specification, "OTLP/gRPC Response".)
    ///
    /// - Parameters:
    ///   - maximumBytes: the size above which a response that was decompressed is refused.
    ///   - now: the present time in seconds since 1970, for a `Retry-After` that is a date.
    init(_ response: HTTP2Response, to signal: OTLPSignal, maximumBytes: Int, now: Int) {
        guard let status = GRPCStatus(response) else {
            self = Self.withoutStatus(response, signal, now)
            return
        }
        guard status.code != .ok else {
            self = Self.success(response, maximumBytes)
            return
        }
        let advice = Self.advice(for: status, signal)
        let message = readable(status.message)
        let reason =
            "the receiver answered with the gRPC status \(status.code.name)" + (message.isEmpty ? "" : ": \(message)")
            + (advice.isEmpty ? "" : " (\(advice))")
        if status.isRetryable {
            let delay = status.retryDelay.flatMap { $0 > .zero ? $0 : nil }
            self = .retryable(after: delay, reason: reason)
        } else {
            self = .rejected(reason: reason)
        }
    }

    private static func success(_ response: HTTP2Response, _ maximumBytes: Int) -> OTLPOutcome {
        do throws(GRPCMessage.Problem) {
            let message = try GRPCMessage.first(
                in: response.body, encoding: response.headers["grpc-encoding"], maximumBytes: maximumBytes)
            guard let partial = PartialSuccess(protobuf: message) else {
                return .deliveredWithWarning("its answer cannot be read as an OTLP response")
            }
            return partial.outcome
        } catch {
            switch error {
            case .missing: return .deliveredWithWarning("its answer holds no message")
            case .incomplete: return .deliveredWithWarning("its answer holds a message that is cut off")
            case .tooLarge: return .rejected(reason: "the answer of the receiver is larger than \(maximumBytes) bytes")
            case .unknownCompression(let name):
                return .deliveredWithWarning("its answer is compressed in a way that cannot be read (\(readable(name)))")
            }
        }
    }

    /// The outcome of a response without a status of gRPC: it comes from a proxy, or from a server of something else.
    private static func withoutStatus(_ response: HTTP2Response, _ signal: OTLPSignal, _ now: Int) -> OTLPOutcome {
        let type = response.headers["content-type"].map { "content type \(readable($0))" } ?? "no content type"
        guard response.headers["content-type"]?.hasPrefix("application/grpc") != true else {
            return .rejected(reason: "the receiver answered with HTTP status \(response.status) and without a status of gRPC")
        }
        let question =
            switch response.status {
            case 401, 403, 413, 429: advice(forStatus: response.status, signal)
            default:
                "does a receiver of OTLP over gRPC listen there, usually on port 4317? For OTLP over HTTP, usually on port 4318, the protocol is"
                    + " http/protobuf"
            }
        let reason = "the receiver answered with HTTP status \(response.status) and \(type) instead of gRPC (\(question))"
        switch response.status {
        case 429, 502, 503, 504:
            return .retryable(after: response.headers["retry-after"].flatMap { RetryAfter.duration($0, now: now) }, reason: reason)
        default: return .rejected(reason: reason)
        }
    }

    /// Returns what to do about a status; empty if only the receiver's message helps.
    private static func advice(for status: GRPCStatus, _ signal: OTLPSignal) -> String {
        switch status.code {
        case .unauthenticated, .permissionDenied: advice(forStatus: 401, signal)
        case .unimplemented:
            "does the receiver take \(signal.items) over gRPC, and in this compression? Most take gzip, all take none:"
                + " OTEL_EXPORTER_OTLP_COMPRESSION"
        case .resourceExhausted: advice(forStatus: status.isRetryable ? 429 : 413, signal)
        case .unavailable: advice(forStatus: 503, signal)
        default: ""
        }
    }
}
