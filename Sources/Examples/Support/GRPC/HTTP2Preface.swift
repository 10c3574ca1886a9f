// The first bytes of a client of HTTP/2.

/// Tells clients of HTTP/2 from others. (RFC 9113 §3.4.)
enum HTTP2Preface {
    enum Verdict {
        case incomplete, http2, foreign
    }

    private static let bytes = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

    static func check(_ opening: [UInt8]) -> Verdict {
        guard zip(opening, bytes).allSatisfy(==) else { return .foreign }
        return opening.count < bytes.count ? .incomplete : .http2
    }
}
