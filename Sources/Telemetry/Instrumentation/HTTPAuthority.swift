// Parses the part of a URL that names the host.

// Delimiters are compared by bytes: a combining mark after one must not hide it, and with it a secret.

/// A host with its port, as in `Host`, `:authority` and URLs.
struct HTTPAuthority: Equatable {
    var host: String
    var port: Int?

    /// Returns nil without a host. Brackets around an IPv6 address and user information, which may be a password, are dropped.
    init?(_ text: some StringProtocol) {
        let parts =
            text.utf8.withContiguousStorageIfAvailable { Self.parts(of: $0) } ?? Array(text.utf8).withUnsafeBufferPointer(Self.parts)
        guard let parts else { return nil }
        (host, port) = parts
    }

    private static func parts(of text: UnsafeBufferPointer<UInt8>) -> (host: String, port: Int?)? {
        var range = HeaderGrammar.trimmed(text.indices, of: text)
        if let at = text[range].lastIndex(of: UInt8(ascii: "@")) { range = (at + 1)..<range.upperBound }
        let bytes = text[range]
        let colon = UInt8(ascii: ":")
        let host: Slice<UnsafeBufferPointer<UInt8>>
        let rest: Slice<UnsafeBufferPointer<UInt8>>
        if bytes.first == UInt8(ascii: "["), let close = bytes.firstIndex(of: UInt8(ascii: "]")) {
            host = bytes[..<close].dropFirst()
            rest = bytes[close...].dropFirst()
        } else if let place = bytes.firstIndex(of: colon), bytes.lastIndex(of: colon) == place {
            host = bytes[..<place]
            rest = bytes[place...]
        } else {
            // No colon means no port; several without brackets are a bare IPv6 address.
            host = bytes
            rest = bytes[bytes.endIndex...]
        }
        guard !host.isEmpty else { return nil }
        return (String(decoding: host, as: UTF8.self), rest.first == colon ? port(rest.dropFirst()) : nil)
    }

    /// Returns a port of digits alone; nil if it is out of range.
    private static func port(_ digits: Slice<UnsafeBufferPointer<UInt8>>) -> Int? {
        var port = 0
        for digit in digits {
            guard HTTPGrammar.isDigit(digit) else { return nil }
            port = min(port * 10 + Int(digit) - 48, 65_536)
        }
        return (1...65_535).contains(port) ? port : nil
    }
}
