// The input of HTTP client spans.

/// One attempt of a client request; a retry or a redirect is a separate attempt.
public struct HTTPClientRequest: Sendable {
    /// The method as it is sent.
    public var method: String
    /// The absolute URL, or the `host:port` of CONNECT; credentials and sensitive values in it are redacted on the span.
    public var url: String
    /// `1.0`, `1.1`, `2` or `3`; nil if unknown before the response.
    public var protocolVersion: String?
    /// The address of the peer, if it is known already.
    public var peerAddress: String?
    public var peerPort: Int?
    /// The template of the URL's path (`/albums/{id}`), if the client library knows one; it is part of the span's name.
    public var urlTemplate: String?
    /// The number of earlier attempts.
    public var resendCount: Int
    /// Returns all values of a header by its lower-case name.
    public var headers: @Sendable (_ name: String) -> [String]

    public init(
        method: String, url: String, protocolVersion: String? = nil, peerAddress: String? = nil, peerPort: Int? = nil,
        urlTemplate: String? = nil, resendCount: Int = 0, headers: @escaping @Sendable (_ name: String) -> [String] = { _ in [] }
    ) {
        self.method = method
        self.url = url
        self.protocolVersion = protocolVersion
        self.peerAddress = peerAddress
        self.peerPort = peerPort
        self.urlTemplate = urlTemplate
        self.resendCount = resendCount
        self.headers = headers
    }

    /// The name of the span: method and template, never the URL.
    public func spanName(_ conventions: HTTPConventions = .standard) -> String {
        conventions.spanName(method: method, target: urlTemplate)
    }

    /// Returns the attributes at the start of the span, which samplers see. (Semantic conventions: HTTP spans, "HTTP client".)
    public func attributes(_ conventions: HTTPConventions = .standard) -> Attributes {
        // Each key is set once: appended entries need no search for another of the same key.
        var entries: [(String, AttributeValue)] = []
        entries.reserveCapacity(14)
        let location = HTTPLocation(url, method: method)
        HTTPClientSeries.Key(
            conventions.method(method).shown, location, urlTemplate, HTTPConventions.protocolNumber(protocolVersion)
        ).forEachSpanAttribute { entries.append(($0, $1)) }
        forEachOtherAttribute(conventions, location) { entries.append(($0, $1)) }
        var attributes = Attributes(unique: entries)
        conventions.addHeaders(conventions.recordedRequestHeaders, prefix: "http.request.header.", from: headers, to: &attributes)
        return attributes
    }

    /// Sets the attributes at the start of a span on it.
    ///
    /// - Parameter common: what the request has in common with others, whose attributes are encoded already.
    func write(_ common: HTTPClientCommon?, to span: SpanRecorder, _ conventions: HTTPConventions) {
        var isWritten = false
        if let common { span.record { isWritten = $0.add(common.series.spanAttributes, $1) } }
        let handle = TraceSpan(span)
        guard isWritten, conventions.recordedRequestHeaders.isEmpty else {
            return attributes(conventions).forEachEntry { handle.setAttribute($0, $1) }
        }
        forEachOtherAttribute(conventions, common?.hasPlainURL == true ? nil : HTTPLocation(url, method: method)) {
            handle.setAttribute($0, $1)
        }
    }

    /// Calls the closure with each attribute at the start of the span that the requests of a series do not have in common, but for headers.
    ///
    /// - Parameter location: the parts of the URL; nil if nothing in it is redacted.
    private func forEachOtherAttribute(
        _ conventions: HTTPConventions, _ location: HTTPLocation?, _ body: (String, AttributeValue) -> Void
    ) {
        let shownURL = location?.redacted(sensitiveKeys: conventions.sensitiveQueryKeys) ?? url
        body(SemanticAttributes.URL.full, .string(shownURL))
        if let original = conventions.method(method).original {
            body(SemanticAttributes.HTTP.requestMethodOriginal, .string(original))
        }
        if let peerAddress {
            body(SemanticAttributes.Network.peerAddress, .string(peerAddress))
            if let peerPort { body(SemanticAttributes.Network.peerPort, AttributeValue(peerPort)) }
        }
        if resendCount > 0 { body(SemanticAttributes.HTTP.requestResendCount, AttributeValue(resendCount)) }
    }
}

/// The name of ``HTTPClientRequest`` for files that import AsyncHTTPClient too, which has a type of that name.
public typealias TelemetryHTTPClientRequest = HTTPClientRequest
