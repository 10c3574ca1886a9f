// The rules of OTLP/HTTP for the response to an export request.

/// The outcome of an export request, by the receiver's response. (OTLP specification, "OTLP/HTTP Response".)
enum OTLPOutcome: Equatable {
    case delivered
    /// The receiver took all items, with a warning.
    case deliveredWithWarning(String)
    case partiallyRejected(count: Int, reason: String)
    /// The request may be sent again, not before the given time has passed, if one is given.
    case retryable(after: Duration?, reason: String)
    case rejected(reason: String)
    /// No response came before the deadline of the request.
    case timedOut(reason: String)
    /// The request was interrupted before a response came: by its own cancellation, or by a late one of the request before; then it is sent
    /// again.
    case interrupted

    /// Reads a response in protobuf or JSON, by its content type.
    ///
    /// - Parameter now: the present time in seconds since 1970, for a `Retry-After` that is a date.
    init(_ response: HTTPResponse, to signal: OTLPSignal, now: Int) {
        let answer = Answer(response, to: signal)
        switch response.status {
        case 200..<300: self = answer.success
        case 300..<400:
            // A redirect is not followed, since the headers, which may hold secrets, would go to another server.
            let location = response.headers["Location"].map { " to \(readable($0))" } ?? ""
            self = .rejected(reason: answer.reason(saying: "it redirects\(location)"))
        case 429, 502, 503, 504:
            let wait = response.headers["Retry-After"].flatMap { RetryAfter.duration($0, now: now) }
            self = .retryable(after: wait, reason: answer.reason)
        default: self = .rejected(reason: answer.reason)
        }
    }

    /// Maps the error of a request without a response.
    ///
    /// - Parameter receiver: the end of the question whether the right receiver listens, as `OTLP over HTTP listen there`.
    init(_ error: HTTPClientError, from receiver: String) {
        let reason = error.withAdvice(receiver)
        switch error {
        case .interrupted: self = .interrupted
        case .timedOut: self = .timedOut(reason: reason)
        default: self = error.isTransient ? .retryable(after: nil, reason: reason) : .rejected(reason: reason)
        }
    }
}

/// Returns text of the receiver in a form that fits into a line of a log.
func readable(_ text: String) -> String {
    let line = String(text.unicodeScalars.prefix(300).map { $0.value < 32 || $0.value == 127 ? " " : Character($0) })
    return String(line.trimmingSpaces())
}

/// A response by its parts, before it is interpreted.
private struct Answer {
    private enum Format { case protobuf, json, other }

    private let signal: OTLPSignal
    private let status: Int
    private let contentType: String?
    private let contentEncoding: String?
    private let body: [UInt8]

    init(_ response: HTTPResponse, to signal: OTLPSignal) {
        self.signal = signal
        status = response.status
        contentType = response.headers["Content-Type"]
        let encoding = response.headers["Content-Encoding"]?.lowercased()
        contentEncoding = encoding == "identity" ? nil : encoding
        body = response.body.bytes
    }

    private var format: Format {
        let type = (contentType ?? "").prefix { $0 != ";" }.trimmingSpaces().lowercased()
        if contentEncoding != nil { return .other }
        return type == "application/json" ? .json : type == "application/x-protobuf" ? .protobuf : .other
    }

    /// The outcome of a response with a status of success.
    var success: OTLPOutcome {
        guard !body.isEmpty else { return .delivered }
        if let contentEncoding {
            return .deliveredWithWarning("its answer is compressed (\(readable(contentEncoding))), which nobody asked for")
        }
        let partial: PartialSuccess?
        switch format {
        case .protobuf: partial = PartialSuccess(protobuf: body)
        case .json: partial = PartialSuccess(json: body)
        case .other:
            let type = contentType.map { "content type \(readable($0))" } ?? "no content type"
            return .deliveredWithWarning("it answered with \(type) instead of application/x-protobuf or application/json")
        }
        return partial?.outcome ?? .deliveredWithWarning("its answer cannot be read as an OTLP response")
    }

    /// The status and the receiver's message: that of a `google.rpc.Status`, or short text.
    var reason: String {
        let message: String
        switch format {
        case .protobuf: message = StatusMessage.text(protobuf: body)
        case .json: message = (try? JSONReader.value(of: body))?[OTLPSchema.RPCStatus.message.name]?.text ?? ""
        case .other: message = contentEncoding == nil ? String(decoding: body.prefix(200), as: UTF8.self) : ""
        }
        return reason(saying: readable(message))
    }

    /// Returns the status, a message, and advice.
    func reason(saying words: String) -> String {
        let advice = OTLPOutcome.advice(forStatus: status, signal)
        return "the receiver answered with status \(status)" + (words.isEmpty ? "" : ": \(words)") + (advice.isEmpty ? "" : " (\(advice))")
    }
}

/// The message of a `google.rpc.Status`.
private enum StatusMessage {
    static func text(protobuf body: [UInt8]) -> String {
        body.withUnsafeBytes { bytes in
            var reader = WireReader(bytes)
            while let field = try? reader.next() {
                if field.number == OTLPSchema.RPCStatus.message.number { return field.text }
            }
            return ""
        }
    }
}

extension PartialSuccess {
    /// The outcome of a request that the receiver has taken.
    var outcome: OTLPOutcome {
        let text = readable(message)
        if rejectedCount > 0 { return .partiallyRejected(count: Int(clamping: rejectedCount), reason: text) }
        return text.isEmpty ? .delivered : .deliveredWithWarning("it says: \(text)")
    }
}

// MARK: Advice

extension HTTPClientError {
    /// The description of the error, and what to check in the configuration.
    func withAdvice(_ receiver: String) -> String {
        let question: String
        switch self {
        case .refused: question = "is the collector running, and does it listen there?"
        case .unknownHost: question = "is the name in the endpoint right, and can this machine look it up?"
        case .unreachable: question = "is there a way from this machine to the collector?"
        case .timedOut: question = "is the collector overloaded, or does a firewall swallow what is sent?"
        case .closedEarly, .responseTooLarge: question = "does a receiver of \(receiver)?"
        default: return description
        }
        return "\(description) (\(question))"
    }
}

extension OTLPOutcome {
    /// Returns what to do about a status that is no success; empty if only the receiver's message helps.
    static func advice(forStatus status: Int, _ signal: OTLPSignal) -> String {
        switch status {
        case 300..<400: "redirects are not followed: give the endpoint that is redirected to"
        case 401, 403: "are the credentials in the headers right?"
        case 404, 405: "is the path of the endpoint right?"
        case 413: "\(signal.advice.smaller), or let the receiver take larger requests"
        case 415: "does the receiver take this encoding and this compression? Most take gzip, all take none: OTEL_EXPORTER_OTLP_COMPRESSION"
        case 429: "the receiver is overloaded: give it more room, or \(signal.advice.fewer)"
        case 503: "the receiver may be overloaded or not running: look after it, give it more room, or \(signal.advice.fewer)"
        default: ""
        }
    }
}
