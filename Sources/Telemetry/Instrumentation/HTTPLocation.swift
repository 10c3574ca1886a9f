// Splits URLs and redacts the secrets in them.

// Delimiters are compared by bytes: a combining mark after one must not hide it, and with it a secret.

/// An absolute URL split into the parts that spans record; nothing is decoded.
struct HTTPLocation {
    private(set) var scheme: Substring?
    private(set) var authority: HTTPAuthority?
    /// Everything behind the authority, including the fragment.
    let pathAndQuery: Substring
    private let hasCredentials: Bool
    private let authorityText: Substring?
    /// Whether the URL is only an authority: the target of CONNECT.
    private let isTunnel: Bool

    /// Parses the URL of a request, or the `host:port` of CONNECT.
    init(_ url: String, method: String) {
        let location = HTTPLocation(url)
        self = method == "CONNECT" && location.authorityText == nil ? HTTPLocation(tunnelTo: url) : location
    }

    /// Parses the target of CONNECT. (RFC 9112 §3.2.3.)
    init(tunnelTo target: String) {
        let at = target.utf8.lastIndex(of: UInt8(ascii: "@"))
        let host = at.map { target[target.utf8.index(after: $0)...] } ?? target[...]
        authority = HTTPAuthority(host)
        pathAndQuery = ""
        hasCredentials = at != nil
        authorityText = host
        isTunnel = true
    }

    init(_ url: String) {
        isTunnel = false
        let text = Substring(url)
        guard let (scheme, start) = Self.authorityStart(in: text) else {
            pathAndQuery = text
            hasCredentials = false
            authorityText = nil
            return
        }
        self.scheme = scheme
        let bytes = text[start...].utf8
        let end = bytes.firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "#") } ?? bytes.endIndex
        let at = bytes[..<end].lastIndex(of: UInt8(ascii: "@"))
        hasCredentials = at != nil
        let host = text[(at.map { bytes.index(after: $0) } ?? start)..<end]
        authorityText = host
        authority = HTTPAuthority(host)
        pathAndQuery = text[end...]
    }

    /// Returns the scheme and the start of the authority; nil for a URL without authority.
    private static func authorityStart(in text: Substring) -> (scheme: Substring?, start: Substring.Index)? {
        let bytes = text.utf8
        if bytes.starts(with: "//".utf8) { return (nil, bytes.index(bytes.startIndex, offsetBy: 2)) }
        guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")), bytes[colon...].starts(with: "://".utf8) else { return nil }
        // No delimiter may precede the colon of a scheme: `/go?to=http://b` has no scheme. (RFC 3986 §3.1.)
        guard colon > text.startIndex, bytes[..<colon].allSatisfy(Self.isOfScheme) else { return nil }
        return (text[..<colon], bytes.index(colon, offsetBy: 3))
    }

    private static func isOfScheme(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."):
            true
        default: false
        }
    }

    /// Returns how many bytes scheme and authority of a URL take; 0 if there are none, or credentials, or a scheme in upper case.
    static func originCount(_ url: UnsafeBufferPointer<UInt8>) -> Int {
        var place = 0
        while place < url.count, url[place] >= UInt8(ascii: "a"), url[place] <= UInt8(ascii: "z") { place += 1 }
        guard place > 0, url.count - place >= 3, url[place] == UInt8(ascii: ":"), url[place + 1] == UInt8(ascii: "/"),
            url[place + 2] == UInt8(ascii: "/")
        else { return 0 }
        place += 3
        while place < url.count {
            switch url[place] {
            case UInt8(ascii: "/"), UInt8(ascii: "?"), UInt8(ascii: "#"): return place
            case UInt8(ascii: "@"): return 0
            default: place += 1
            }
        }
        return place
    }

    /// The port of the URL, or the default port of its scheme.
    var port: Int? {
        if let port = authority?.port { return port }
        switch scheme?.lowercased() {
        case "http", "ws": return 80
        case "https", "wss": return 443
        default: return nil
        }
    }

    /// Returns the URL with `REDACTED` in place of credentials and values of sensitive keys.
    func redacted(sensitiveKeys: Set<String>) -> String {
        var url = scheme.map { "\($0)://" } ?? (authorityText == nil || isTunnel ? "" : "//")
        if hasCredentials { url += "REDACTED:REDACTED@" }
        url += authorityText ?? ""
        let rest = pathAndQuery.utf8
        let fragment = rest.firstIndex(of: UInt8(ascii: "#")) ?? rest.endIndex
        guard let mark = rest[..<fragment].firstIndex(of: UInt8(ascii: "?")) else { return url + pathAndQuery }
        let query = rest.index(after: mark)..<fragment
        url += pathAndQuery[..<query.lowerBound]
        url += Self.redacted(query: pathAndQuery[query], sensitiveKeys: sensitiveKeys)
        return url + pathAndQuery[query.upperBound...]
    }

    /// Returns the query with `REDACTED` in place of values of sensitive keys; the rest is unchanged.
    static func redacted(query: Substring, sensitiveKeys: Set<String>) -> String {
        let pairs = query.utf8.split(separator: UInt8(ascii: "&"), omittingEmptySubsequences: false).map { pair in
            guard let mark = pair.firstIndex(of: UInt8(ascii: "=")), sensitiveKeys.contains(String(Substring(pair[..<mark]))) else {
                return String(Substring(pair))
            }
            return "\(Substring(pair[..<mark]))=REDACTED"
        }
        return pairs.joined(separator: "&")
    }
}
