// The URLs that requests go to.

/// An `http` or `https` URL, taken apart.
package struct HTTPURL: Sendable, Hashable, CustomStringConvertible {
    package let isSecure: Bool
    /// A name, an IPv4 address, or an IPv6 address without brackets.
    package let host: String
    package let port: Int
    /// Path and query; at least `/`.
    package let target: String
    /// `user:password` as written, if there is one.
    package let userInformation: String?

    /// Takes a URL with scheme and host; a port that is not given is 80 or 443 by scheme. Nil for anything else.
    package init?(_ text: String) {
        guard let scheme = ["http://", "https://"].first(where: { HTTPGrammar.isSame(text.utf8.prefix($0.utf8.count), $0.utf8) }) else {
            return nil
        }
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else { return nil }
        isSecure = scheme == "https://"
        let rest = text[text.utf8.index(text.startIndex, offsetBy: scheme.utf8.count)...]
        let end = rest.firstIndex { $0 == "/" || $0 == "?" || $0 == "#" } ?? rest.endIndex
        var authority = rest[..<end]
        if let at = authority.lastIndex(of: "@") {
            userInformation = String(authority[..<at])
            authority = authority[authority.index(after: at)...]
        } else {
            userInformation = nil
        }
        let portText: Substring?
        if authority.first == "[" {
            guard let close = authority.firstIndex(of: "]") else { return nil }
            host = String(authority[authority.index(after: authority.startIndex)..<close])
            let after = authority[authority.index(after: close)...]
            guard after.isEmpty || after.first == ":" else { return nil }
            portText = after.isEmpty ? nil : after.dropFirst()
        } else if let colon = authority.firstIndex(of: ":") {
            host = String(authority[..<colon])
            portText = authority[authority.index(after: colon)...]
        } else {
            host = String(authority)
            portText = nil
        }
        guard !host.isEmpty, host.utf8.allSatisfy(HTTPGrammar.isHostCharacter), host.contains(":") == (authority.first == "[") else {
            return nil
        }
        if let portText, !portText.isEmpty {
            guard portText.utf8.allSatisfy({ (48...57).contains($0) }), let number = Int(portText), (1...65_535).contains(number) else {
                return nil
            }
            port = number
        } else {
            port = isSecure ? 443 : 80
        }
        let path = rest[end...].prefix { $0 != "#" }
        target = Self.encoded(path.first == "/" ? String(path) : "/" + path)
    }

    /// Only ASCII may go over the wire: bytes of other characters are percent-encoded.
    private static func encoded(_ text: String) -> String {
        guard !text.utf8.allSatisfy({ $0 < 0x80 }) else { return text }
        var encoded: [UInt8] = []
        for byte in text.utf8 {
            if byte < 0x80 {
                encoded.append(byte)
            } else {
                encoded += "%\(String(byte, radix: 16, uppercase: true))".utf8
            }
        }
        return String(decoding: encoded, as: UTF8.self)
    }

    /// The host and, if it is not the scheme's own, the port: what the `Host` header says.
    package var authority: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return port == (isSecure ? 443 : 80) ? name : "\(name):\(port)"
    }

    /// The URL without user information.
    package var description: String { "\(isSecure ? "https" : "http")://\(authority)\(target)" }
}
