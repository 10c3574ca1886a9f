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

    /// Reads an answer in protobuf.
    ///
    /// - Parameter now: the present time in seconds since 1970, for a `Retry-After` that is a date.
    init(status: Int, retryAfter: String?, contentType: String?, body: [UInt8], now: Int) {
        switch status {
        case 200..<300: self = Self.success(body, contentType)
        case 429, 502, 503, 504:
            let wait = retryAfter.flatMap { RetryAfter.duration($0, now: now) }
            self = .retryable(after: wait, reason: Self.reason(status, body, contentType))
        default: self = .rejected(reason: Self.reason(status, body, contentType))
        }
    }

    private static func success(_ body: [UInt8], _ contentType: String?) -> OTLPOutcome {
        guard !body.isEmpty else { return .delivered }
        guard contentType?.hasPrefix("application/x-protobuf") ?? true else {
            return .deliveredWithWarning("it answered with \(contentType ?? "no") content type instead of application/x-protobuf")
        }
        var (rejected, message): (Int64, String) = (0, "")
        let isReadable = body.withUnsafeBytes { bytes in
            var response = WireReader(bytes)
            do throws(WireError) {
                while let field = try response.next() {
                    guard field.number == 1 else { continue }
                    var partial = WireReader(field.bytes)
                    while let part = try partial.next() {
                        if part.number == 1 { rejected = Int64(bitPattern: part.number64) }
                        if part.number == 2 { message = part.text }
                    }
                }
                return true
            } catch {
                return false
            }
        }
        if !isReadable { return .deliveredWithWarning("its answer cannot be read as an OTLP response") }
        if rejected > 0 { return .partiallyRejected(count: Int(clamping: rejected), reason: message) }
        return message.isEmpty ? .delivered : .deliveredWithWarning(message)
    }

    /// The status, and what the receiver says for people: the message of a `google.rpc.Status`, or short text.
    private static func reason(_ status: Int, _ body: [UInt8], _ contentType: String?) -> String {
        let message: String
        if contentType?.hasPrefix("application/x-protobuf") ?? false {
            message = body.withUnsafeBytes { bytes in
                var reader = WireReader(bytes)
                while let field = try? reader.next() {
                    if field.number == 2 { return field.text }
                }
                return ""
            }
        } else {
            message = String(decoding: body.prefix(200), as: UTF8.self)
        }
        let readable = String(message.unicodeScalars.map { $0.value < 32 ? " " : Character($0) }.prefix(300))
        let advice = advice(forStatus: status)
        let told =
            readable.isEmpty ? "the receiver answered with status \(status)" : "the receiver answered with status \(status): \(readable)"
        return advice.isEmpty ? told : "\(told) (\(advice))"
    }
}

/// The `Retry-After` header: seconds, or a date. (RFC 9110 §10.2.3.)
enum RetryAfter {
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// The wait from now on; nil when the text is neither, zero when the date has passed.
    static func duration(_ text: String, now: Int) -> Duration? {
        let text = text.trimmingSpaces()
        if let seconds = UInt32(text) { return .seconds(Int64(seconds)) }
        // Sun, 06 Nov 1994 08:49:37 GMT
        let parts = text.split(separator: " ")
        guard parts.count == 6, parts[5] == "GMT", let day = Int(parts[1]), let month = months.firstIndex(of: String(parts[2])),
            let year = Int(parts[3]), (1...31).contains(day), (1970...9999).contains(year)
        else { return nil }
        let time = parts[4].split(separator: ":").map { Int($0) ?? -1 }
        guard time.count == 3, (0..<24).contains(time[0]), (0..<60).contains(time[1]), (0...60).contains(time[2]) else { return nil }
        let date = CivilDate(year: year, month: month + 1, day: day, hour: time[0], minute: time[1], second: time[2])
        return .seconds(max(0, date.secondsSinceEpoch - now))
    }
}
