// The first line and the header fields that a server answers with.

/// The first line and the header fields that a server answers with, and what they mean for the connection.
struct HTTPServerResponseHead {
    /// How the client learns where the body ends.
    enum Framing: Equatable {
        case length(Int)
        case chunked
        /// By the end of the connection: what HTTP/1.0 has for a stream.
        case untilClose
        /// There is no body, whatever the header says: to `HEAD`, and with 204 and 304.
        case bodiless(lengthOfOther: Int?)
    }

    let framing: Framing
    /// Whether the connection is kept for another request.
    let isKept: Bool
    let bytes: [UInt8]

    init(_ response: HTTPResponse, isHead: Bool, minorVersion: Int, mayKeep: Bool, date: String) {
        // An informational status would make the client wait for another answer.
        let status = (200...999).contains(response.status) ? response.status : 500
        let hasNoBody = status == 204 || status == 304
        switch response.body {
        case .bytes(let bytes):
            if hasNoBody {
                framing = .bodiless(lengthOfOther: nil)
            } else if isHead {
                // What stands for another server's answer knows the length without having the body.
                let given = bytes.isEmpty ? response.headers["Content-Length"].flatMap { Int($0) } : nil
                framing = .bodiless(lengthOfOther: max(0, given ?? bytes.count))
            } else {
                framing = .length(bytes.count)
            }
        case .stream:
            framing = hasNoBody || isHead ? .bodiless(lengthOfOther: nil) : minorVersion == 1 ? .chunked : .untilClose
        }
        isKept = mayKeep && framing != .untilClose && !response.headers.contains("close", in: "Connection")

        var text = "HTTP/1.1 \(status) \(HTTPReason.phrase(status))\r\n"
        var hasDate = false
        for (name, value) in response.headers {
            switch name.utf8.count {
            case 4: hasDate = hasDate || name.lowercased() == "date"
            case 10, 14, 17: if ["connection", "content-length", "transfer-encoding"].contains(name.lowercased()) { continue }
            default: break
            }
            text += "\(name): \(value)\r\n"
        }
        if !hasDate { text += "Date: \(date)\r\n" }
        switch framing {
        case .length(let length), .bodiless(.some(let length)): text += "Content-Length: \(length)\r\n"
        case .chunked: text += "Transfer-Encoding: chunked\r\n"
        case .untilClose, .bodiless(.none): break
        }
        if !isKept {
            text += "Connection: close\r\n"
        } else if minorVersion == 0 {
            text += "Connection: keep-alive\r\n"
        }
        text += "\r\n"
        bytes = Array(text.utf8)
    }
}

/// The time as HTTP writes it: `Sun, 06 Nov 1994 08:49:37 GMT`.
enum HTTPDate {
    private static let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    static func text(_ seconds: Int) -> String {
        let date = CivilDate(secondsSinceEpoch: seconds)
        func padded(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(days[(seconds / 86_400) % 7]), \(padded(date.day)) \(months[date.month - 1]) \(date.year) "
            + "\(padded(date.hour)):\(padded(date.minute)):\(padded(date.second)) GMT"
    }
}
