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
        if response.status == 200 {
            output.append("HTTP/1.1 200 OK\r\n")
        } else {
            output.append("HTTP/1.1 \(response.status) \(HTTPReason.phrase(response.status))\r\n")
        }
        var hasDate = false
        for (name, value) in response.headers where !isReserved(name) {
            if HTTPGrammar.isSame(name, "Date") { hasDate = true }
            write(name, value, into: &output)
        }
        if !hasDate { HTTPDate.appendField(to: &output) }
        switch framing {
        case .length(let length): write("Content-Length", String(length), into: &output)
        case .chunked: write("Transfer-Encoding", "chunked", into: &output)
        case .untilClose, .none: break
        }
        if let connection { write("Connection", connection, into: &output) }
        output.append(lineEnd)
    }

    /// Returns a response whose body is no stream: its head, and the body if it is sent.
    static func message(_ response: HTTPResponse, connection: String?, hasBody: Bool) -> [UInt8] {
        let body = response.body.bytes
        var message: [UInt8] = []
        message.reserveCapacity(256 + (hasBody ? body.count : 0))
        write(response, response.mayHaveBody ? .length(body.count) : .none, connection: connection, into: &message)
        if hasBody { message += body }
        return message
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
        // One piece: each append for itself checks whether the array may be changed and has room.
        var (name, value) = (name, value)
        name.withUTF8 { name in
            value.withUTF8 { value in
                output.append(addingCapacity: name.count + value.count + 4) { span in
                    span.append(piece: name)
                    span.append(UInt8(ascii: ":"))
                    span.append(UInt8(ascii: " "))
                    span.append(piece: value)
                    span.append(13)
                    span.append(10)
                }
            }
        }
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

extension OutputSpan<UInt8> {
    /// Appends bytes by copying them at once.
    fileprivate mutating func append(piece: UnsafeBufferPointer<UInt8>) {
        withUnsafeMutableBufferPointer { target, count in
            assert(target.count - count >= piece.count, "The span has the capacity that was asked for.")
            guard let start = target.baseAddress, let source = piece.baseAddress else { return }
            UnsafeMutableRawPointer(start + count).copyMemory(from: source, byteCount: piece.count)
            count += piece.count
        }
    }
}

/// Dates in the format of HTTP: `Sun, 06 Nov 1994 08:49:37 GMT`.
package enum HTTPDate {
    private static let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    private static let latest = Locked<(second: Int, field: [UInt8])>((-1, []))

    /// Appends the field `Date` of the present second, which is formatted once for all responses in it.
    package static func appendField(to output: inout [UInt8]) {
        let second = Int(SystemClock.wallNanoseconds() / 1_000_000_000)
        let known = latest.withLock { $0.second == second ? $0.field : nil }
        let field = known ?? Array("Date: \(text(second))\r\n".utf8)
        if known == nil { latest.withLock { $0 = (second, field) } }
        output.append(contentsOf: field)
    }

    static func text(_ seconds: Int) -> String {
        let date = CivilDate(secondsSinceEpoch: seconds)
        func padded(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(days[(seconds / 86_400) % 7]), \(padded(date.day)) \(months[date.month - 1]) \(date.year) "
            + "\(padded(date.hour)):\(padded(date.minute)):\(padded(date.second)) GMT"
    }
}
