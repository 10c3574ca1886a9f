// The serialization of status lines, header fields and dates.

/// Writes the heads of responses.
enum HTTPResponseHead {
    /// How the end of a body is signaled.
    enum Framing: Equatable {
        case length(Int)
        case chunked
        /// The body ends with the connection: the only framing of a stream in HTTP/1.0.
        case untilClose
        /// There is neither a body nor a framing field.
        case none
    }

    /// Writes the head; `connection` is the value of the `Connection` field, nil for none.
    static func write(_ response: HTTPResponse, _ framing: Framing, connection: String?, into output: inout [UInt8]) {
        output.append("HTTP/1.1 ")
        output.append(String(response.status))
        output.append(" ")
        output.append(HTTPReason.phrase(response.status))
        output.append(lineEnd)
        var hasDate = false
        for (name, value) in response.headers where !isReserved(name) {
            if HTTPGrammar.isSame(name, "Date") { hasDate = true }
            write(name, value, into: &output)
        }
        if !hasDate { write("Date", HTTPDate.now, into: &output) }
        switch framing {
        case .length(let length): write("Content-Length", String(length), into: &output)
        case .chunked: write("Transfer-Encoding", "chunked", into: &output)
        case .untilClose, .none: break
        }
        if let connection { write("Connection", connection, into: &output) }
        output.append(lineEnd)
    }

    /// Returns the value of the `Connection` field, nil for none: HTTP/1.0 closes unless told otherwise.
    static func connection(_ request: HTTPRequest, isKept: Bool) -> String? {
        isKept ? (request.minorVersion == 0 ? "keep-alive" : nil) : "close"
    }

    /// Returns a piece of a body in chunked coding.
    static func chunk(_ bytes: [UInt8]) -> [UInt8] {
        Array("\(String(bytes.count, radix: 16))\r\n".utf8) + bytes + lineEnd.utf8
    }

    private static let lineEnd = "\r\n"

    private static func write(_ name: String, _ value: String, into output: inout [UInt8]) {
        output.append(name)
        output.append(": ")
        output.append(value)
        output.append(lineEnd)
    }

    /// Returns whether a field is set by the server alone, since the framing depends on it.
    private static func isReserved(_ name: String) -> Bool {
        switch name.utf8.count {
        case 10: HTTPGrammar.isSame(name, "Connection")
        case 14: HTTPGrammar.isSame(name, "Content-Length")
        case 17: HTTPGrammar.isSame(name, "Transfer-Encoding")
        default: false
        }
    }
}

extension [UInt8] {
    /// Appends the bytes of a text in one piece, where appending its UTF-8 view would go byte by byte.
    fileprivate mutating func append(_ text: String) {
        if text.utf8.withContiguousStorageIfAvailable({ append(contentsOf: $0) }) == nil { append(contentsOf: text.utf8) }
    }
}

/// Dates in the format of HTTP: `Sun, 06 Nov 1994 08:49:37 GMT`.
enum HTTPDate {
    private static let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    private static let latest = Locked<(second: Int, text: String)>((-1, ""))

    /// The present second, formatted once for all responses in it.
    static var now: String {
        let second = Int(SystemClock.wallNanoseconds() / 1_000_000_000)
        if let known = latest.withLock({ $0.second == second ? $0.text : nil }) { return known }
        let written = text(second)
        latest.withLock { $0 = (second, written) }
        return written
    }

    static func text(_ seconds: Int) -> String {
        let date = CivilDate(secondsSinceEpoch: seconds)
        func padded(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(days[(seconds / 86_400) % 7]), \(padded(date.day)) \(months[date.month - 1]) \(date.year) "
            + "\(padded(date.hour)):\(padded(date.minute)):\(padded(date.second)) GMT"
    }
}
