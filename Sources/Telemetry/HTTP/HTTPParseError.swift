// Why bytes are no acceptable HTTP message.

/// Why bytes are no acceptable HTTP message, and the status that a server answers with.
package struct HTTPParseError: Error, Equatable, CustomStringConvertible {
    package let status: Int
    package let description: String

    static func bad(_ description: String) -> HTTPParseError { HTTPParseError(status: 400, description: description) }

    static let startLineTooLong = HTTPParseError(status: 414, description: "the first line is too long")
    static let headersTooLarge = HTTPParseError(status: 431, description: "the header fields are too large")
    static let bodyTooLarge = HTTPParseError(status: 413, description: "the body is too large")
    static let endedEarly = HTTPParseError.bad("the message ends too early")
}
