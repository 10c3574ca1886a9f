// What the metrics of a server record of a request.

/// The properties of a request that the metrics record.
struct HTTPServerProperties: Sendable {
    let method: String
    /// The scheme of the span, but from a header only if it is one of HTTP's, which limits the cardinality.
    let scheme: String
    /// Nil unless the metrics record it.
    let authority: HTTPAuthority?
    let protocolVersion: String?
    let route: String?
    /// Returns all values of a request header by its lower-case name.
    let headers: @Sendable (_ name: String) -> [String]
}

extension HTTPServerRequest {
    /// Reads the properties. Not an initializer, which would be given a copy of the request.
    ///
    /// - Parameter details: what was read for a span; nil without a recorded one, for which few headers are read.
    func properties(_ conventions: HTTPConventions, hasAuthority: Bool, _ details: HTTPServerDetails? = nil) -> HTTPServerProperties {
        if let details {
            return HTTPServerProperties(
                method: details.method, scheme: details.forwarded?.scheme?.knownScheme ?? details.scheme,
                authority: hasAuthority ? details.authority : nil, protocolVersion: details.protocolVersion, route: route, headers: headers)
        }
        let forwardedScheme = conventions.trustsForwardedHeaders ? ForwardedHeaders.scheme(headers) : nil
        let forwarded = hasAuthority && conventions.trustsForwardedHeaders ? ForwardedHeaders(headers) : nil
        return HTTPServerProperties(
            method: conventions.method(method).shown, scheme: forwardedScheme?.knownScheme ?? scheme.lowercasedScheme,
            authority: hasAuthority ? authority(forwarded) : nil,
            protocolVersion: HTTPConventions.protocolNumber(protocolVersion), route: route, headers: headers)
    }
}
