// Writes the heads of responses.

/// Writes the heads of responses.
enum HTTPResponseHead {
    /// How the end of a body is marked.
    enum Framing: Equatable {
        case length(Int)
        case chunked
        /// The end of the connection is the end of the body, which is all that HTTP/1.0 has for a stream.
        case untilClose
        /// There is no body and nothing is said about one.
        case none
    }

    /// Writes the head; `connection` is the value of the field of that name, if there is to be one.
    static func write(_ response: HTTPResponse, _ framing: Framing, connection: String?, into output: inout [UInt8]) {
        output += "HTTP/1.1 ".utf8
        output += String(response.status).utf8
        output += " ".utf8
        output += HTTPReason.phrase(response.status).utf8
        output += lineEnd
        var hasDate = false
        for (name, value) in response.headers where !isOurs(name) {
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
        output += lineEnd
    }

    private static let lineEnd: [UInt8] = [13, 10]

    private static func write(_ name: String, _ value: String, into output: inout [UInt8]) {
        output += name.utf8
        output += ": ".utf8
        output += value.utf8
        output += lineEnd
    }

    /// Fields on which the framing depends are the server's alone.
    private static func isOurs(_ name: String) -> Bool {
        switch name.utf8.count {
        case 10: HTTPGrammar.isSame(name, "Connection")
        case 14: HTTPGrammar.isSame(name, "Content-Length")
        case 17: HTTPGrammar.isSame(name, "Transfer-Encoding")
        default: false
        }
    }
}

/// The time as HTTP writes it: `Sun, 06 Nov 1994 08:49:37 GMT`.
enum HTTPDate {
    private static let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    private static let latest = Locked<(second: Int, text: String)>((-1, ""))

    /// The present second; written once for all responses in it.
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
