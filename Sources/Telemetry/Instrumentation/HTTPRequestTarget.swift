// Reads the target of a request in each of its four forms.

/// The target of a request that a server received. (RFC 9112 §3.2.)
struct HTTPRequestTarget {
    /// Empty in the form that has none, which is that of CONNECT.
    private(set) var path: String
    private(set) var query: String?
    /// In lower case; of a whole URL only.
    private(set) var scheme: String?
    /// Of a whole URL, with the port of its scheme where it names none, and of CONNECT.
    private(set) var authority: HTTPAuthority?

    init(_ target: String, method: String) {
        let location = HTTPLocation(target)
        let ownScheme = location.scheme?.lowercased()
        let isURL = ownScheme != nil
        // CONNECT with a path is the extended one of RFC 8441, which asks for a resource.
        if method == "CONNECT", !isURL, target.utf8.first != UInt8(ascii: "/") {
            path = ""
            authority = HTTPAuthority(target)
            return
        }
        let parts = (isURL ? location.pathAndQuery : Substring(target)).utf8.prefix { $0 != UInt8(ascii: "#") }
        let mark = parts.firstIndex(of: UInt8(ascii: "?"))
        path = String(Substring(parts[..<(mark ?? parts.endIndex)]))
        query = mark.map { String(Substring(parts[parts.index(after: $0)...])) }
        // A URL without path and query asks OPTIONS about the server as a whole. (RFC 9112 §3.2.4.)
        if path.isEmpty { path = method == "OPTIONS" && isURL && query == nil ? "*" : "/" }
        guard let ownScheme, HTTPConventions.schemes.contains(ownScheme) else { return }
        scheme = ownScheme
        authority = location.authority
        authority?.port = location.port
    }
}
