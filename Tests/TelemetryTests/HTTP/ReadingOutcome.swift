// The outcome of parsing messages, in a form that can be compared.

@testable import Telemetry

/// The messages and the error of a reader for some bytes followed by the end of the connection.
struct ReadingOutcome: Equatable {
    var messages: [String] = []
    var bodies: [[UInt8]] = []
    var error: HTTPParseError?

    /// Reads the bytes in pieces that end at the given places.
    init(_ bytes: [UInt8], isRequest: Bool, limits: HTTPLimits = HTTPLimits(), cuts: [Int] = [], answersHead: Bool = false) {
        var reader = isRequest ? HTTPMessageReader(requests: limits) : HTTPMessageReader(responses: limits)
        reader.answersHead = answersHead
        var start = 0
        do throws(HTTPParseError) {
            for end in cuts + [bytes.count] {
                bytes[start..<end].withUnsafeBytes { reader.append($0) }
                start = end
                while let message = try reader.next() { add(message) }
            }
            if let message = try reader.finish() { add(message) }
        } catch {
            self.error = error
        }
    }

    init(_ text: String, isRequest: Bool, limits: HTTPLimits = HTTPLimits(), answersHead: Bool = false) {
        self.init(Array(text.utf8), isRequest: isRequest, limits: limits, answersHead: answersHead)
    }

    private mutating func add(_ message: HTTPMessage) {
        let head = message.head
        let fields = head.headers.map { "\($0.name)=\($0.value)" }.joined(separator: "|")
        messages.append("\(head.method) \(head.target) \(head.status) 1.\(head.minorVersion) \(fields)")
        bodies.append(message.body)
    }

    var texts: [String] { bodies.map { String(decoding: $0, as: UTF8.self) } }
}

/// Messages for the tests: valid ones and near misses.
enum MessageSamples {
    static let requests = [
        "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "\r\n\r\nGET /a?b=c HTTP/1.0\r\n\r\nGET /d HTTP/1.1\r\nHost:\r\n\r\n",
        "POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhelloPUT /q HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
        "POST /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n5\r\nhello\r\n00A;x=\"y\"\r\n0123456789\r\n0\r\nTrailer: 1\r\n\r\n",
        "GET http://b:81/x?y HTTP/1.1\r\nHost: a\r\nX-Y:  spaced\tout \t\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "GET / HTTP/1.1\nHost: a\n\n",
        "GET / HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ]
    static let responses = [
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 204 \r\n\r\nHTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200\r\nContent-Length: 1\r\n\r\nx",
        "HTTP/1.0 200 OK\r\nServer: s\r\n\r\neverything until the end",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;a\r\nx\r\n2 ; b=c\r\nyz\r\n0\r\nA: b\r\nC: d\r\n\r\n",
        "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 3\r\n\r\nab",
        "HTTP/1.1 2x0 OK\r\n\r\n",
        "HTTPS is spoken here\r\n\r\n",
    ]
}
