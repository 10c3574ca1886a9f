// The error codes of HTTP/2, with their names for messages.

/// Error codes of RST_STREAM and GOAWAY. (RFC 9113 §7.)
enum HTTP2ErrorCode {
    static let noError: UInt32 = 0
    static let refusedStream: UInt32 = 7
    static let cancel: UInt32 = 8
    static let enhanceYourCalm: UInt32 = 11
    static let inadequateSecurity: UInt32 = 12

    private static let names = [
        "NO_ERROR", "PROTOCOL_ERROR", "INTERNAL_ERROR", "FLOW_CONTROL_ERROR", "SETTINGS_TIMEOUT", "STREAM_CLOSED", "FRAME_SIZE_ERROR",
        "REFUSED_STREAM", "CANCEL", "COMPRESSION_ERROR", "CONNECT_ERROR", "ENHANCE_YOUR_CALM", "INADEQUATE_SECURITY", "HTTP_1_1_REQUIRED",
    ]

    static func name(_ code: UInt32) -> String { code < UInt32(names.count) ? names[Int(code)] : "error \(code)" }
}
