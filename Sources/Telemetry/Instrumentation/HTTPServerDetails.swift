// What is read of a request for its span, and used by its metrics too.

/// What a recorded span tells of a request, read once for the span and its metrics.
struct HTTPServerDetails {
    let method: String
    /// The method as it was sent, if it is not recorded so.
    let originalMethod: String?
    /// Nil if the headers of proxies are not trusted.
    let forwarded: ForwardedHeaders?
    let authority: HTTPAuthority?
    /// The scheme of the request itself, in lower case.
    let scheme: String
    /// The query without secrets; nil without one.
    let query: String?
    let protocolVersion: String?
    let userAgent: String?
}

extension String {
    /// The scheme in lower case, which nearly all are in already.
    var lowercasedScheme: String { self == "http" || self == "https" ? self : lowercased() }

    /// The scheme, if it is one of HTTP's.
    var knownScheme: String? { HTTPConventions.schemes.contains(self) ? self : nil }
}
