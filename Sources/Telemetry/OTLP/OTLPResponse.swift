// What a receiver's answer to an OTLP request means.

/// What is to be done after a receiver's answer. (OTLP specification, "OTLP/HTTP Response".)
enum OTLPOutcome: Equatable {
    case delivered
    /// Taken, with something to say about it.
    case deliveredWithWarning(String)
    case partiallyRejected(count: Int, reason: String)
    /// May work later; not before the given time has passed, if one is given.
    case retryable(after: Duration?, reason: String)
    case rejected(reason: String)
    /// There was no answer before the time of the request was over.
    case timedOut(reason: String)
    /// Interrupted before there was an answer: by a cancellation of this request or, too late, of the one before; then it is sent again.
    case interrupted

    /// Reads an answer, in protobuf or in JSON as its content type says.
    ///
    /// - Parameter now: the present time in seconds since 1970, for a `Retry-After` that is a date.
    init(_ response: HTTPResponse, to signal: OTLPSignal, now: Int) {
        let answer = Answer(response, to: signal)
        switch response.status {
        case 200..<300: self = answer.success
        case 300..<400:
            // Following it would hand the headers, which hold secrets, to whoever it names.
            let location = response.headers["Location"].map { " to \(readable($0))" } ?? ""
            self = .rejected(reason: answer.reason(saying: "it redirects\(location)"))
        case 429, 502, 503, 504:
            let wait = response.headers["Retry-After"].flatMap { RetryAfter.duration($0, now: now) }
            self = .retryable(after: wait, reason: answer.reason)
        default: self = .rejected(reason: answer.reason)
        }
    }

    /// What it means that there was no answer.
    init(_ error: HTTPClientError) {
        switch error {
        case .interrupted: self = .interrupted
        case .timedOut: self = .timedOut(reason: error.withAdvice)
        default: self = error.isTransient ? .retryable(after: nil, reason: error.withAdvice) : .rejected(reason: error.withAdvice)
        }
    }
}

/// Text from outside, fit for a line of a log.
private func readable(_ text: String) -> String {
    let line = String(text.unicodeScalars.prefix(300).map { $0.value < 32 || $0.value == 127 ? " " : Character($0) })
    return String(line.trimmingSpaces())
}

/// A receiver's answer, not understood yet.
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

    /// What an answer means that says by its status that the request was taken.
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
        guard let partial else { return .deliveredWithWarning("its answer cannot be read as an OTLP response") }
        let message = readable(partial.message)
        if partial.rejectedCount > 0 { return .partiallyRejected(count: Int(clamping: partial.rejectedCount), reason: message) }
        return message.isEmpty ? .delivered : .deliveredWithWarning("it says: \(message)")
    }

    /// The status, and what the receiver says for people: the message of a `google.rpc.Status`, or short text.
    var reason: String {
        let message: String
        switch format {
        case .protobuf: message = StatusMessage.text(protobuf: body)
        case .json: message = (try? JSONReader.value(of: body))?["message"]?.text ?? ""
        case .other: message = contentEncoding == nil ? String(decoding: body.prefix(200), as: UTF8.self) : ""
        }
        return reason(saying: readable(message))
    }

    /// The status, some words, and advice.
    func reason(saying words: String) -> String {
        let advice = OTLPOutcome.advice(forStatus: status, signal)
        return "the receiver answered with status \(status)" + (words.isEmpty ? "" : ": \(words)") + (advice.isEmpty ? "" : " (\(advice))")
    }
}

/// The `partial_success` of an `Export…ServiceResponse`; the signals' have the same shape.
private struct PartialSuccess {
    var rejectedCount: Int64 = 0
    var message = ""

    /// Nil when the bytes are no such message.
    init?(protobuf body: [UInt8]) {
        let parsed = body.withUnsafeBytes { bytes -> (Int64, String)? in
            var (count, message): (Int64, String) = (0, "")
            var response = WireReader(bytes)
            do throws(WireError) {
                while let field = try response.next() {
                    guard field.number == 1 else { continue }
                    var partial = WireReader(field.bytes)
                    while let part = try partial.next() {
                        if part.number == 1 { count = Int64(bitPattern: part.number64) }
                        if part.number == 2 { message = part.text }
                    }
                }
            } catch {
                return nil
            }
            return (count, message)
        }
        guard let parsed else { return nil }
        (rejectedCount, message) = parsed
    }

    /// Nil when the text is no JSON object. Receivers write 64-bit numbers as strings or as numbers.
    init?(json body: [UInt8]) {
        guard let response = try? JSONReader.value(of: body, maximumSize: .max), case .object = response else { return nil }
        let partial = response["partialSuccess"]
        let counts = ["rejectedSpans", "rejectedDataPoints", "rejectedLogRecords"].compactMap { partial?[$0]?.integer }
        rejectedCount = counts.first ?? 0
        message = partial?["errorMessage"]?.text ?? ""
    }
}

/// The message of a `google.rpc.Status`.
private enum StatusMessage {
    static func text(protobuf body: [UInt8]) -> String {
        body.withUnsafeBytes { bytes in
            var reader = WireReader(bytes)
            while let field = try? reader.next() {
                if field.number == 2 { return field.text }
            }
            return ""
        }
    }
}
