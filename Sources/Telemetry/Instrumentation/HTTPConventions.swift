// What HTTP spans and metrics may show: known methods, secrets in queries, headers to record.

/// How HTTP requests become spans and metrics, after the stable semantic conventions for HTTP.
///
/// One value serves server and client; every choice has the default of the conventions.
public struct HTTPConventions: Sendable {
    /// Methods that appear under their own name, case-sensitive; any other one counts as `_OTHER`.
    public var knownMethods: Set<String>
    /// Keys of the query whose values are replaced by `REDACTED`, case-sensitive.
    public var sensitiveQueryKeys: Set<String>
    /// Request headers to record, in lower case. None by default: headers carry secrets.
    public var recordedRequestHeaders: [String]
    /// Response headers to record, in lower case. None by default.
    public var recordedResponseHeaders: [String]
    /// Whether `Forwarded` and `X-Forwarded-*` tell the client and the host. Turn it off where no proxy of yours
    /// stands before the server: anyone can write these headers.
    public var trustsForwardedHeaders: Bool

    public init(
        knownMethods: Set<String> = Self.standardMethods, sensitiveQueryKeys: Set<String> = Self.standardSensitiveQueryKeys,
        recordedRequestHeaders: [String] = [], recordedResponseHeaders: [String] = [], trustsForwardedHeaders: Bool = true
    ) {
        self.knownMethods = knownMethods
        self.sensitiveQueryKeys = sensitiveQueryKeys
        self.recordedRequestHeaders = recordedRequestHeaders.map { $0.lowercased() }
        self.recordedResponseHeaders = recordedResponseHeaders.map { $0.lowercased() }
        self.trustsForwardedHeaders = trustsForwardedHeaders
    }

    /// The methods of RFC 9110 and RFC 5789 (PATCH), and QUERY.
    public static let standardMethods: Set<String> = [
        "GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH", "QUERY",
    ]

    /// The schemes that requests over HTTP are made with, in lower case.
    static let schemes: Set<String> = ["http", "https", "ws", "wss"]

    /// The keys under which well-known services take signatures and credentials.
    public static let standardSensitiveQueryKeys: Set<String> = [
        "X-Amz-Signature", "X-Amz-Credential", "X-Amz-Security-Token", "AWSAccessKeyId", "Signature", "sig", "X-Goog-Signature",
    ]

    /// The choices of the conventions; `OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS`, a comma-separated list, replaces the
    /// known methods.
    public static let standard = HTTPConventions(.process)

    init(_ environment: EnvironmentReader) {
        let list = environment.text("OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS") ?? ""
        self.init(knownMethods: Self.methods(inList: list) ?? Self.standardMethods)
    }

    /// The methods of a comma-separated list, which replaces the standard ones; nil when it names none.
    static func methods(inList list: String) -> Set<String>? {
        let methods = list.split(separator: ",").map { String($0.trimmingWhiteSpace()) }.filter { !$0.isEmpty }
        return methods.isEmpty ? nil : Set(methods)
    }
}

extension HTTPConventions {
    /// The method as spans show it, and how it was written when that differs.
    func method(_ method: String) -> (shown: String, original: String?) {
        knownMethods.contains(method) ? (method, nil) : ("_OTHER", method)
    }

    /// `GET /albums/{id}`, or the method alone when nothing with few values is known about the target.
    func spanName(method: String, target: String?) -> String {
        let name = knownMethods.contains(method) ? method : "HTTP"
        guard let target, !target.isEmpty else { return name }
        return "\(name) \(target)"
    }

    /// Adds the named headers under `http.request.header.` or `http.response.header.`, each with all its values.
    func addHeaders(_ names: [String], prefix: String, from values: (String) -> [String], to attributes: inout Attributes) {
        for name in names {
            let found = values(name)
            if !found.isEmpty { attributes[prefix + name] = AttributeValue(found) }
        }
    }

    /// `1.1` for `HTTP/1.1`, `2` for `2.0`; nil when unknown.
    static func protocolVersion(_ version: String?) -> AttributeValue? {
        guard let version, !version.isEmpty else { return nil }
        let slash = version.utf8.lastIndex(of: UInt8(ascii: "/"))
        let number = slash.map { version[version.utf8.index(after: $0)...] } ?? version[...]
        guard !number.isEmpty else { return nil }
        switch number {
        case "2.0": return "2"
        case "3.0": return "3"
        default: return AttributeValue(number)
        }
    }

    /// The size of a body that a header tells; nil when none does, or several contradict each other.
    static func contentLength(_ headers: (_ name: String) -> [String]) -> Int? {
        let values = headers("content-length")
        guard let first = values.first, values.allSatisfy({ $0 == first }) else { return nil }
        return Int(first.trimmingSpaces()).flatMap { $0 >= 0 ? $0 : nil }
    }
}
