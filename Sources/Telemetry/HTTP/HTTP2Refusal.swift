// The answer of a server of HTTP/1.1 to a client that speaks HTTP/2 at once.

/// Frames that end a connection, written without a library. (RFC 9113 §6.5, §6.8.)
enum HTTP2Refusal {
    private static let http11Required: UInt8 = 13

    /// Returns empty settings, and a farewell that processes no stream and says why.
    static func frames(_ reason: String) -> [UInt8] {
        let text = Array(reason.utf8.prefix(500))
        let length = 8 + text.count
        return [0, 0, 0, 4, 0, 0, 0, 0, 0]
            + [0, UInt8(length >> 8), UInt8(length & 0xFF), 7, 0, 0, 0, 0, 0] + [0, 0, 0, 0] + [0, 0, 0, http11Required] + text
    }
}
