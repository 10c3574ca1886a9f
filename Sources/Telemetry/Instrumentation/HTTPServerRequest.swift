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
    public var headers: @Sendable (_ name: String) -> [String] {
        get { source.lookup }
        set { source = .lookup(newValue) }
    }
    /// The name of the span, where a service has another one than the conventions.
    package var ownSpanName: String?
    /// Where ``headers`` are read.
    private(set) var source: HTTPHeaderSource
    /// The host of the target, which takes precedence over `Host`.
    private let targetAuthority: HTTPAuthority?

    /// Describes a request by its target: `/albums?sort=year`, a whole URL, the `host:port` of CONNECT, or the `*` of OPTIONS.
    ///
    /// Host, port and scheme of a URL take precedence over the header `Host` and the scheme of the connection. (RFC 9112 §3.2.)
    public init(
        method: String, target: String, scheme: String = "http", protocolVersion: String? = nil, peerAddress: String? = nil,
        peerPort: Int? = nil, route: String? = nil, headers: @escaping @Sendable (_ name: String) -> [String] = { _ in [] }
    ) {
        // Nearly all targets are a path alone, which has nothing to split.
        let parts = target.isPlainPath ? nil : HTTPRequestTarget(target, method: method)
        self.method = method
        path = parts?.path ?? target
        query = parts?.query
        self.scheme = parts?.scheme ?? scheme
        targetAuthority = parts?.authority
        self.protocolVersion = protocolVersion
        self.peerAddress = peerAddress
        self.peerPort = peerPort
        self.route = route
        source = .lookup(headers)
    }

    /// Describes a request that the HTTP server of this library has read.
    package init(method: String, target: String, headers: HTTPHeaders, peerAddress: String?, peerPort: Int?, route: String?) {
        // Each property is set once, without a branch: else the request is copied and destroyed, in 500 instructions.
        let parts = target.isPlainPath ? nil : HTTPRequestTarget(target, method: method)
        self.method = method
        path = parts?.path ?? target
        query = parts?.query
        scheme = parts?.scheme ?? "http"
        targetAuthority = parts?.authority
        protocolVersion = "1.1"
        self.peerAddress = peerAddress
        self.peerPort = peerPort
        self.route = route
        source = .fields(headers)
    }

    /// The name of the span: method and route, never the path.
    public func spanName(_ conventions: HTTPConventions = .standard) -> String {
        ownSpanName ?? conventions.spanName(method: method, target: route)
    }

    /// Returns the attributes at the start of the span, which samplers see. (Semantic conventions: HTTP spans, "HTTP server".)
    public func attributes(_ conventions: HTTPConventions = .standard) -> Attributes {
        // Each key is set once: appended entries need no search for another of the same key.
        var entries: [(String, AttributeValue)] = []
        entries.reserveCapacity(14)
        let details = details(conventions)
        forEachSeriesAttribute(details) { entries.append(($0, $1)) }
        forEachPeerAttribute(details) { entries.append(($0, $1)) }
        forEachOtherAttribute(details) { entries.append(($0, $1)) }
        var attributes = Attributes(unique: entries)
        conventions.addHeaders(conventions.recordedRequestHeaders, prefix: "http.request.header.", from: source.values, to: &attributes)
        return attributes
    }

    /// Reads what a span tells of the request.
    ///
    /// - Parameter peer: what is known of its connection, and holds for it.
    func details(_ conventions: HTTPConventions, _ peer: HTTPServerPeer? = nil) -> HTTPServerDetails {
        let forwarded = peer == nil && conventions.trustsForwardedHeaders ? source.forwarded : nil
        let (method, originalMethod) = conventions.method(method)
        var shownQuery: String?
        if let query, !query.isEmpty {
            shownQuery = HTTPLocation.redacted(query: query[...], sensitiveKeys: conventions.sensitiveQueryKeys)
        }
        return HTTPServerDetails(
            method: method, originalMethod: originalMethod, forwarded: forwarded,
            authority: peer == nil ? authority(forwarded) : peer?.authority, scheme: scheme.lowercasedScheme, query: shownQuery,
            protocolVersion: HTTPConventions.protocolNumber(protocolVersion),
            userAgent: source.first("user-agent"))
    }

    /// Sets the attributes at the start of the span of a plain request: those of its series and of its connection, its path and user agent.
    ///
    /// - Returns: false if a limit of the span keeps it from that; ``write(_:_:_:to:_:)`` then sets them all.
    @inline(__always)
    func writePlain(_ common: HTTPServerCommon, to span: SpanRecorder, _ conventions: HTTPConventions) -> Bool {
        assert(query == nil && originalMethod(conventions) == nil, "A plain request has no further attributes.")
        guard conventions.recordedRequestHeaders.isEmpty else { return false }
        var isWritten = false
        span.record { state, limits in
            isWritten = state.add(common.series.spanAttributes, limits) && state.add(common.peer.spanAttributes, limits)
        }
        guard isWritten else { return false }
        let handle = TraceSpan(span)
        if !path.isEmpty { handle.setAttribute(SemanticAttributes.URL.path, .string(path)) }
        if let agent = source.first("user-agent") { handle.setAttribute(SemanticAttributes.UserAgent.original, .string(agent)) }
        return true
    }

    /// The method as it was sent, if it is not recorded so.
    func originalMethod(_ conventions: HTTPConventions) -> String? { conventions.method(method).original }

    /// Sets the attributes at the start of a span on it.
    ///
    /// - Parameters:
    ///   - series: the series of the request, which has those attributes encoded that its requests have in common.
    ///   - peer: the same of the requests of its connection.
    func write(
        _ details: HTTPServerDetails, _ series: HTTPServerSeries?, _ peer: HTTPServerPeer?, to span: SpanRecorder,
        _ conventions: HTTPConventions
    ) {
        let handle = TraceSpan(span)
        var (hasSeries, hasPeer) = (false, false)
        span.record { state, limits in
            // The `Forwarded` headers may name a scheme that the metrics do not record.
            if let series, details.forwarded == nil { hasSeries = state.add(series.spanAttributes, limits) }
            if let peer { hasPeer = state.add(peer.spanAttributes, limits) }
        }
        // One by one: under one lock, the function that sets an attribute would be one of its own, also for spans and log records elsewhere,
        // which a record with five attributes pays with 530 instructions.
        if !hasSeries { forEachSeriesAttribute(details) { handle.setAttribute($0, $1) } }
        if !hasPeer { forEachPeerAttribute(details) { handle.setAttribute($0, $1) } }
        forEachOtherAttribute(details) { handle.setAttribute($0, $1) }
        guard !conventions.recordedRequestHeaders.isEmpty else { return }
        var recorded = Attributes()
        conventions.addHeaders(conventions.recordedRequestHeaders, prefix: "http.request.header.", from: source.values, to: &recorded)
        handle.setAttributes(recorded)
    }

    /// Calls the closure with each attribute at the start of the span that all requests of a series have in common.
    private func forEachSeriesAttribute(_ details: HTTPServerDetails, _ body: (String, AttributeValue) -> Void) {
        HTTPServerSeries.Key(
            method: details.method, scheme: details.forwarded?.scheme ?? details.scheme, route: route,
            protocolVersion: details.protocolVersion
        ).forEachSpanAttribute(body)
    }

    /// Calls the closure with each attribute known at the start of the span that names a side of the connection.
    private func forEachPeerAttribute(_ details: HTTPServerDetails, _ body: (String, AttributeValue) -> Void) {
        HTTPServerPeer.forEachAttribute(
            details.authority, client: details.forwarded?.clientAddress ?? peerAddress, address: peerAddress, port: peerPort, body)
    }

    /// Calls the closure with each other attribute at the start of the span but those of recorded headers, each key once.
    private func forEachOtherAttribute(_ details: HTTPServerDetails, _ body: (String, AttributeValue) -> Void) {
        if !path.isEmpty { body(SemanticAttributes.URL.path, .string(path)) }
        if let original = details.originalMethod { body(SemanticAttributes.HTTP.requestMethodOriginal, .string(original)) }
        if let query = details.query { body(SemanticAttributes.URL.query, .string(query)) }
        if let agent = details.userAgent { body(SemanticAttributes.UserAgent.original, .string(agent)) }
    }

    /// The host that was asked for, with its port.
    func authority(_ forwarded: ForwardedHeaders?) -> HTTPAuthority? {
        forwarded?.authority ?? targetAuthority ?? source.host.flatMap { HTTPAuthority($0) }
    }

    /// Whether the request names its host in the header `Host` alone, and no proxy tells of another one or of another client.
    var isDirect: Bool { targetAuthority == nil && source.isDirect }
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
