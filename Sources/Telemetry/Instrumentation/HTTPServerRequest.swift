// The input of HTTP server spans, and the parser of request targets.

/// A request that a server received, as any HTTP framework can describe it.
public struct HTTPServerRequest: Sendable {
    /// The method as it was received.
    public var method: String
    /// The path as it was received, without query; empty for CONNECT, whose target has no path.
    public var path: String
    /// The query behind the question mark; nil without one.
    public var query: String?
    /// The scheme, `http` or `https`: that of the target, or else of the connection.
    public var scheme: String
    /// `1.0`, `1.1`, `2` or `3`; nil if unknown.
    public var protocolVersion: String?
    /// The address of the peer.
    public var peerAddress: String?
    public var peerPort: Int?
    /// The template of the route including the root of the application (`/albums/{id}`), if it is known already; never the path.
    public var route: String?
    /// Returns all values of a header by its lower-case name, which may be `:authority`.
    public var headers: @Sendable (_ name: String) -> [String]
    /// The host of the target, which takes precedence over `Host`.
    private let targetAuthority: HTTPAuthority?

    /// Describes a request by its target: `/albums?sort=year`, a whole URL, the `host:port` of CONNECT, or the `*` of OPTIONS.
    ///
    /// Host, port and scheme of a URL take precedence over the header `Host` and the scheme of the connection. (RFC 9112 §3.2.)
    public init(
        method: String, target: String, scheme: String = "http", protocolVersion: String? = nil, peerAddress: String? = nil,
        peerPort: Int? = nil, route: String? = nil, headers: @escaping @Sendable (_ name: String) -> [String] = { _ in [] }
    ) {
        let target = HTTPRequestTarget(target, method: method)
        self.method = method
        path = target.path
        query = target.query
        self.scheme = target.scheme ?? scheme
        targetAuthority = target.authority
        self.protocolVersion = protocolVersion
        self.peerAddress = peerAddress
        self.peerPort = peerPort
        self.route = route
        self.headers = headers
    }

    /// The name of the span: method and route, never the path.
    public func spanName(_ conventions: HTTPConventions = .standard) -> String {
        conventions.spanName(method: method, target: route)
    }

    /// Returns the attributes at the start of the span, which samplers see. (Semantic conventions: HTTP spans, "HTTP server".)
    public func attributes(_ conventions: HTTPConventions = .standard) -> Attributes {
        let forwarded = conventions.trustsForwardedHeaders ? ForwardedHeaders(headers) : nil
        let authority = authority(forwarded)
        let (shown, original) = conventions.method(method)

        // Each key is set once: appended entries need no search for another of the same key.
        var entries: [(String, AttributeValue)] = []
        entries.reserveCapacity(14)
        entries.append((SemanticAttributes.HTTP.requestMethod, .string(shown)))
        if !path.isEmpty { entries.append((SemanticAttributes.URL.path, .string(path))) }
        if let original { entries.append((SemanticAttributes.HTTP.requestMethodOriginal, .string(original))) }
        entries.append((SemanticAttributes.URL.scheme, .string(forwarded?.scheme ?? scheme.lowercased())))
        if let query, !query.isEmpty {
            let shown = HTTPLocation.redacted(query: query[...], sensitiveKeys: conventions.sensitiveQueryKeys)
            entries.append((SemanticAttributes.URL.query, .string(shown)))
        }
        if let route { entries.append((SemanticAttributes.HTTP.route, .string(route))) }
        if let authority {
            entries.append((SemanticAttributes.Server.address, .string(authority.host)))
            if let port = authority.port { entries.append((SemanticAttributes.Server.port, AttributeValue(port))) }
        }
        if let client = forwarded?.clientAddress ?? peerAddress { entries.append((SemanticAttributes.Client.address, .string(client))) }
        if let peerAddress {
            entries.append((SemanticAttributes.Network.peerAddress, .string(peerAddress)))
            if let peerPort { entries.append((SemanticAttributes.Network.peerPort, AttributeValue(peerPort))) }
        }
        if let version = HTTPConventions.protocolVersion(protocolVersion) {
            entries.append((SemanticAttributes.Network.protocolVersion, version))
        }
        if let agent = headers("user-agent").first { entries.append((SemanticAttributes.UserAgent.original, .string(agent))) }
        var attributes = Attributes(unique: entries)
        conventions.addHeaders(conventions.recordedRequestHeaders, prefix: "http.request.header.", from: headers, to: &attributes)
        return attributes
    }

    /// The host that was asked for, with its port.
    func authority(_ forwarded: ForwardedHeaders?) -> HTTPAuthority? {
        forwarded?.authority ?? targetAuthority ?? firstAuthority(":authority") ?? firstAuthority("host")
    }

    private func firstAuthority(_ header: String) -> HTTPAuthority? {
        headers(header).first.flatMap { HTTPAuthority($0) }
    }
}

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
        // Nearly all targets are a path alone, which has nothing to split.
        if target.isPlainPath {
            path = target
            return
        }
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

extension String {
    /// True if the text is an absolute path without authority, query and fragment.
    fileprivate var isPlainPath: Bool {
        utf8.withContiguousStorageIfAvailable { bytes in
            bytes.first == UInt8(ascii: "/") && (bytes.count == 1 || bytes[1] != UInt8(ascii: "/"))
                && bytes.allSatisfy { $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") }
        } ?? false
    }
}
