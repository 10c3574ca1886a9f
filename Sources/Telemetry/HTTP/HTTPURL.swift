// The URLs of endpoints.

/// A parsed `http` or `https` URL, or the path of a Unix socket.
package struct HTTPURL: Sendable, Hashable, CustomStringConvertible {
    package let isSecure: Bool
    /// A name, an IPv4 address, or an IPv6 address without brackets.
    package let host: String
    package let port: Int
    /// Path and query; at least `/`.
    package let target: String
    /// `user:password` as written, if there is one.
    package let userInformation: String?
    /// The path of the Unix socket to connect to instead of host and port.
    package let socketPath: String?
    /// The host and, unless it is the default of the scheme, the port: the value of the `Host` header.
    package let authority: String

    /// Parses a URL with scheme and host; the port defaults to 80 or 443 by scheme. Returns nil for anything else.
    ///
    /// `unix:/run/otel.sock` names a Unix socket; `unix:/run/otel.sock:/path` a target on it, as nginx writes it.
    package init?(_ text: String) {
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else { return nil }
        if let rest = Self.rest(of: text, after: "unix:") {
            self.init(socket: rest)
        } else if let rest = Self.rest(of: text, after: "http://") {
            self.init(isSecure: false, rest)
        } else if let rest = Self.rest(of: text, after: "https://") {
            self.init(isSecure: true, rest)
        } else {
            return nil
        }
    }

    private static func rest(of text: String, after scheme: String) -> Substring? {
        guard HTTPGrammar.isSame(text.utf8.prefix(scheme.utf8.count), scheme.utf8) else { return nil }
        return text[text.utf8.index(text.startIndex, offsetBy: scheme.utf8.count)...]
    }

    private init?(isSecure: Bool, _ rest: Substring) {
        // By bytes, which takes a tenth of the time of characters; a combining mark cannot hide a delimiter from them either.
        let end = rest.utf8.firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "#") } ?? rest.endIndex
        var authority = rest[..<end].utf8
        var userInformation: String?
        if let at = authority.lastIndex(of: UInt8(ascii: "@")) {
            userInformation = String(Substring(authority[..<at]))
            authority = authority[authority.index(after: at)...]
        }
        let isBracketed = authority.first == UInt8(ascii: "[")
        let host: String
        let portText: Substring.UTF8View?
        if isBracketed {
            guard let close = authority.firstIndex(of: UInt8(ascii: "]")) else { return nil }
            host = String(Substring(authority[authority.index(after: authority.startIndex)..<close]))
            let after = authority[authority.index(after: close)...]
            guard after.isEmpty || after.first == UInt8(ascii: ":") else { return nil }
            portText = after.isEmpty ? nil : after.dropFirst()
        } else if let colon = authority.firstIndex(of: UInt8(ascii: ":")) {
            host = String(Substring(authority[..<colon]))
            portText = authority[authority.index(after: colon)...]
        } else {
            host = String(Substring(authority))
            portText = nil
        }
        guard !host.isEmpty, host.utf8.allSatisfy(HTTPGrammar.isHostCharacter), host.utf8.contains(UInt8(ascii: ":")) == isBracketed else {
            return nil
        }
        var port = isSecure ? 443 : 80
        if let portText, !portText.isEmpty {
            guard portText.allSatisfy(HTTPGrammar.isDigit), let number = Int(Substring(portText)), (1...65_535).contains(number) else {
                return nil
            }
            port = number
        }
        self.init(
            isSecure: isSecure, host: host, port: port, target: Self.target(rest[end...]), userInformation: userInformation,
            socketPath: nil)
    }

    private init?(socket rest: Substring) {
        // Two slashes are followed by a host, which must be empty.
        let rest = rest.hasPrefix("//") ? rest.dropFirst(2) : rest
        let end = rest.firstRange(of: ":/")?.lowerBound ?? rest.endIndex
        guard rest.first == "/", !rest.hasPrefix("//"), end > rest.index(after: rest.startIndex) else { return nil }
        self.init(
            isSecure: false, host: "localhost", port: 80, target: Self.target(rest[end...].dropFirst()), userInformation: nil,
            socketPath: String(rest[..<end]))
    }

    private init(isSecure: Bool, host: String, port: Int, target: String, userInformation: String?, socketPath: String?) {
        self.isSecure = isSecure
        self.host = host
        self.port = port
        self.target = target
        self.userInformation = userInformation
        self.socketPath = socketPath
        let name = host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]" : host
        authority = port == (isSecure ? 443 : 80) ? name : "\(name):\(port)"
    }

    /// Returns the URL with a path such as `v1/traces` appended to its own, before its query.
    package func appending(path: String) -> HTTPURL {
        let base = target.prefix { $0 != "?" }
        let query = target[base.endIndex...]
        return HTTPURL(
            isSecure: isSecure, host: host, port: port, target: (base.hasSuffix("/") ? base + path : base + "/" + path) + query,
            userInformation: userInformation, socketPath: socketPath)
    }

    /// Returns the URL without a path such as `v1/traces` at the end of its own; nil if it does not end so.
    package func removing(path: String) -> HTTPURL? {
        let base = target.prefix { $0 != "?" }
        let query = target[base.endIndex...]
        let bare = base.last == "/" ? base.dropLast() : base
        guard bare.hasSuffix("/\(path)") else { return nil }
        return HTTPURL(
            isSecure: isSecure, host: host, port: port, target: String(bare.dropLast(path.count)) + query,
            userInformation: userInformation, socketPath: socketPath)
    }

    private static func target(_ text: Substring) -> String {
        let path = Substring(text.utf8.prefix { $0 != UInt8(ascii: "#") })
        return encoded(path.utf8.first == UInt8(ascii: "/") ? String(path) : "/" + path)
    }

    /// Percent-encodes the bytes of characters beyond ASCII, which must not be sent.
    private static func encoded(_ text: String) -> String {
        guard !text.utf8.allSatisfy({ $0 < 0x80 }) else { return text }
        var encoded: [UInt8] = []
        for byte in text.utf8 {
            if byte < 0x80 {
                encoded.append(byte)
            } else {
                PercentEncoding.append(byte, to: &encoded)
            }
        }
        return String(decoding: encoded, as: UTF8.self)
    }

    /// The URL without user information, path and query.
    package var origin: String { socketPath.map { "unix:\($0)" } ?? "\(isSecure ? "https" : "http")://\(authority)" }

    /// The URL without user information.
    package var description: String {
        if let socketPath { return "unix:\(socketPath):\(target)" }
        return "\(isSecure ? "https" : "http")://\(authority)\(target)"
    }

    /// Returns a possible URL without the part between scheme and `@`, which may contain a password, for messages.
    package static func withoutUserInformation(_ text: String) -> String {
        guard let at = text.lastIndex(of: "@") else { return text }
        let scheme = text.firstRange(of: "://").map { $0.upperBound <= at ? text[..<$0.upperBound] : "" } ?? ""
        return "\(scheme)…\(text[at...])"
    }
}
