// The errors of malformed and oversized messages.

/// Why a message is refused, and the status with which a server responds.
package struct HTTPParseError: Error, Equatable, CustomStringConvertible {
    package let status: Int
    package let description: String

    package init(status: Int, description: String) {
        self.status = status
        self.description = description
    }

    package static func bad(_ description: String) -> HTTPParseError { HTTPParseError(status: 400, description: description) }

    package static let startLineTooLong = HTTPParseError(status: 414, description: "the first line is too long")
    package static let headersTooLarge = HTTPParseError(status: 431, description: "the header fields are too large")
    static let bodyTooLarge = HTTPParseError(status: 413, description: "the body is too large")
    static let unknownCoding = HTTPParseError(status: 501, description: "only the transfer coding chunked is known")
    static let unknownVersion = HTTPParseError(status: 505, description: "only HTTP/1.1 and HTTP/1.0 are spoken here")
    static let http2 = HTTPParseError(status: 505, description: "only HTTP/1.1 and HTTP/1.0 are spoken here, and no HTTP/2 or gRPC")
    static let overloaded = HTTPParseError(status: 503, description: "too many bytes of requests are held at present; try again later")
    package static let endedEarly = HTTPParseError.bad("the message ends too early")
    package static let bareLineFeed = HTTPParseError.bad("a line ends without CR")
    package static let bareCarriageReturn = HTTPParseError.bad("a line holds a CR")

    /// Returns the error for a response that begins with a byte of another protocol.
    static func foreignProtocol(firstByte: UInt8) -> HTTPParseError {
        switch firstByte {
        // HTTP/2 servers begin with a frame, whose first byte is the high byte of its length.
        case 0:
            .bad(
                "it answered with an HTTP/2 preface or gRPC; is this a gRPC port? The protocol grpc sends there, and OTLP over HTTP is usually"
                    + " on port 4318")
        case 0x15, 0x16: .bad("it speaks TLS; the URL should begin with https")
        default: .bad("its first bytes are not those of HTTP")
        }
    }
}
