// Parses the part of a URL that names the host.

// Delimiters are compared by bytes: a combining mark after one must not hide it, and with it a secret.

/// A host with its port, as in `Host`, `:authority` and URLs.
struct HTTPAuthority: Equatable {
    var host: String
    var port: Int?

    /// Returns nil without a host. Brackets around an IPv6 address and user information, which may be a password, are dropped.
    init?(_ text: some StringProtocol) {
        let written = text.trimmingSpaces().utf8
        let bytes = written.lastIndex(of: UInt8(ascii: "@")).map { written[written.index(after: $0)...] } ?? written
        let colon = UInt8(ascii: ":")
        let hostBytes: Substring.UTF8View
        let rest: Substring.UTF8View
        if bytes.first == UInt8(ascii: "["), let close = bytes.firstIndex(of: UInt8(ascii: "]")) {
            hostBytes = bytes[..<close].dropFirst()
            rest = bytes[close...].dropFirst()
        } else if let place = bytes.firstIndex(of: colon), bytes.lastIndex(of: colon) == place {
            hostBytes = bytes[..<place]
            rest = bytes[place...]
        } else {
            // No colon means no port; several without brackets are a bare IPv6 address.
            hostBytes = bytes
            rest = bytes[bytes.endIndex...]
        }
        guard !hostBytes.isEmpty else { return nil }
        host = String(Substring(hostBytes))
        port = rest.first == colon ? Self.port(rest.dropFirst()) : nil
    }

    private static func port(_ digits: Substring.UTF8View) -> Int? {
        guard digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
        return UInt16(Substring(digits)).flatMap { $0 > 0 ? Int($0) : nil }
    }
}
