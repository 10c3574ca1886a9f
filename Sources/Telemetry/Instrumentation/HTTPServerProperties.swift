// What the metrics of a server record of a request.

/// The properties of a request that the metrics record, read from it once.
struct HTTPServerProperties: Sendable {
    let method: String
    /// The scheme of the span, but from a header only if it is one of HTTP's, which limits the cardinality.
    let scheme: String
    /// Nil unless the metrics record it.
    let authority: HTTPAuthority?
    let protocolVersion: AttributeValue?
    let route: String?
    /// Returns all values of a request header by its lower-case name.
    let headers: @Sendable (_ name: String) -> [String]
}

extension HTTPServerRequest {
    /// Reads the properties. Not an initializer, which would be given a copy of the request.
    func properties(_ conventions: HTTPConventions, hasAuthority: Bool) -> HTTPServerProperties {
        let forwardedScheme = conventions.trustsForwardedHeaders ? ForwardedHeaders.scheme(headers) : nil
        let forwarded = hasAuthority && conventions.trustsForwardedHeaders ? ForwardedHeaders(headers) : nil
        return HTTPServerProperties(
            method: conventions.method(method).shown,
            scheme: forwardedScheme.flatMap { HTTPConventions.schemes.contains($0) ? $0 : nil } ?? scheme.lowercased(),
            authority: hasAuthority ? authority(forwarded) : nil,
            protocolVersion: HTTPConventions.protocolVersion(protocolVersion), route: route, headers: headers)
    }
}
