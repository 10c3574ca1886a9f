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
        if let plain = plainParts(of: text) { return plain }
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

    /// Returns the parts of a name or an IPv4 address and a port, which nearly all are; nil for anything else.
    ///
    /// One pass takes a fifth of the instructions of looking for each delimiter.
    private static func plainParts(of text: UnsafeBufferPointer<UInt8>) -> (host: String, port: Int?)? {
        var (place, port) = (0, 0)
        while place < text.count, isPlain(text[place]) { place += 1 }
        let host = UnsafeBufferPointer(rebasing: text[..<place])
        guard !host.isEmpty else { return nil }
        if place == text.count { return (String(decoding: host, as: UTF8.self), nil) }
        guard text[place] == UInt8(ascii: ":"), (2...6).contains(text.count - place) else { return nil }
        while true {
            place += 1
            guard place < text.count else { break }
            guard HTTPGrammar.isDigit(text[place]) else { return nil }
            port = port * 10 + Int(text[place]) - 48
        }
        return (1...65_535).contains(port) ? (String(decoding: host, as: UTF8.self), port) : nil
    }

    /// Returns whether a byte is a letter, a digit, a point or a hyphen.
    private static func isPlain(_ byte: UInt8) -> Bool {
        HTTPGrammar.isDigit(byte) || (byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "z")) || byte == UInt8(ascii: ".")
            || byte == UInt8(ascii: "-")
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
