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
        let location = HTTPLocation(url, method: method)
        let (shown, original) = conventions.method(method)

        var attributes = Attributes(unchecked: [(SemanticAttributes.HTTP.requestMethod, .string(shown))])
        attributes[SemanticAttributes.HTTP.requestMethodOriginal] = original.map { .string($0) }
        attributes[SemanticAttributes.URL.full] = .string(location.redacted(sensitiveKeys: conventions.sensitiveQueryKeys))
        attributes[SemanticAttributes.URL.template] = urlTemplate.map { .string($0) }
        attributes[SemanticAttributes.Server.address] = location.authority.map { .string($0.host) }
        if location.authority != nil { attributes[SemanticAttributes.Server.port] = location.port.map { AttributeValue($0) } }
        attributes[SemanticAttributes.Network.peerAddress] = peerAddress.map { .string($0) }
        if peerAddress != nil { attributes[SemanticAttributes.Network.peerPort] = peerPort.map { AttributeValue($0) } }
        attributes[SemanticAttributes.Network.protocolVersion] = HTTPConventions.protocolVersion(protocolVersion)
        if resendCount > 0 { attributes[SemanticAttributes.HTTP.requestResendCount] = AttributeValue(resendCount) }
        conventions.addHeaders(conventions.recordedRequestHeaders, prefix: "http.request.header.", from: headers, to: &attributes)
        return attributes
    }
}

/// The name of ``HTTPClientRequest`` for files that import AsyncHTTPClient too, which has a type of that name.
public typealias TelemetryHTTPClientRequest = HTTPClientRequest
