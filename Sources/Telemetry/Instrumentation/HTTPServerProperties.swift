// What the span and the metrics of a server's request have in common.

/// The properties of a request that the conventions record, read from it once for its span and its metrics.
struct HTTPServerProperties: Sendable {
    /// The recorded method, and the original one if it differs.
    let method: (shown: String, original: String?)
    /// The scheme of the original request, in lower case.
    let scheme: String
    /// The scheme, but from a header only if it is one of HTTP's, which limits the cardinality.
    let measuredScheme: String
    let authority: HTTPAuthority?
    let clientAddress: String?
    let protocolVersion: AttributeValue?
    let route: String?
    /// Returns all values of a request header by its lower-case name.
    let headers: @Sendable (_ name: String) -> [String]

    /// The name of the span: method and route, never the path.
    var spanName: String {
        HTTPConventions.spanName(method: method, target: route)
    }
}

extension HTTPServerRequest {
    /// Reads the properties. Not an initializer, which would be given a copy of the request.
    func properties(_ conventions: HTTPConventions) -> HTTPServerProperties {
        let forwarded = conventions.trustsForwardedHeaders ? ForwardedHeaders(headers) : nil
        let connectionScheme = scheme.lowercased()
        let scheme = forwarded?.scheme ?? connectionScheme
        return HTTPServerProperties(
            method: conventions.method(method), scheme: scheme,
            measuredScheme: HTTPConventions.schemes.contains(scheme) ? scheme : connectionScheme, authority: authority(forwarded),
            clientAddress: forwarded?.clientAddress ?? peerAddress, protocolVersion: HTTPConventions.protocolVersion(protocolVersion),
            route: route, headers: headers)
    }
}
