// The settings of HTTP spans and metrics.

/// The settings of HTTP spans and metrics of the stable semantic conventions.
///
/// One value serves server and client; each setting has the default of the conventions.
public struct HTTPConventions: Sendable {
    private struct Settings {
        var knownMethods: Set<String>
        var sensitiveQueryKeys: Set<String>
        var recordedRequestHeaders: [String]
        var recordedResponseHeaders: [String]
        var trustsForwardedHeaders: Bool
    }

    /// An object, since each request keeps a copy, and would count a reference to each of the sets and lists.
    private final class SharedSettings: Sendable {
        let values: Settings
        /// Whether both are known, as they nearly always are.
        let knowsGetAndPost: Bool

        init(_ values: Settings) {
            self.values = values
            knowsGetAndPost = values.knownMethods.isSuperset(of: ["GET", "POST"])
        }
    }

    private var settings: SharedSettings

    /// The known methods, case-sensitive; any other is recorded as `_OTHER`.
    public var knownMethods: Set<String> {
        get { settings.values.knownMethods }
        set { change { $0.knownMethods = newValue } }
    }
    /// The query keys whose values are replaced by `REDACTED`, case-sensitive.
    public var sensitiveQueryKeys: Set<String> {
        get { settings.values.sensitiveQueryKeys }
        set { change { $0.sensitiveQueryKeys = newValue } }
    }
    /// The request headers to record, in lower case. None by default, since headers may hold secrets.
    public var recordedRequestHeaders: [String] {
        get { settings.values.recordedRequestHeaders }
        set { change { $0.recordedRequestHeaders = newValue } }
    }
    /// The response headers to record, in lower case. None by default.
    public var recordedResponseHeaders: [String] {
        get { settings.values.recordedResponseHeaders }
        set { change { $0.recordedResponseHeaders = newValue } }
    }
    /// Whether client and host are read from `Forwarded` and `X-Forwarded-*`. Disable it if the server is not behind
    /// a trusted proxy: any client can send these headers.
    public var trustsForwardedHeaders: Bool {
        get { settings.values.trustsForwardedHeaders }
        set { change { $0.trustsForwardedHeaders = newValue } }
    }

    public init(
        knownMethods: Set<String> = Self.standardMethods, sensitiveQueryKeys: Set<String> = Self.standardSensitiveQueryKeys,
        recordedRequestHeaders: [String] = [], recordedResponseHeaders: [String] = [], trustsForwardedHeaders: Bool = true
    ) {
        settings = SharedSettings(
            Settings(
                knownMethods: knownMethods, sensitiveQueryKeys: sensitiveQueryKeys,
                recordedRequestHeaders: recordedRequestHeaders.map { $0.lowercased() },
                recordedResponseHeaders: recordedResponseHeaders.map { $0.lowercased() }, trustsForwardedHeaders: trustsForwardedHeaders))
    }

    private mutating func change(_ change: (inout Settings) -> Void) {
        var values = settings.values
        change(&values)
        settings = SharedSettings(values)
    }

    /// The methods of RFC 9110 and RFC 5789 (PATCH), and QUERY.
    public static let standardMethods: Set<String> = [
        "GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH", "QUERY",
    ]

    /// The schemes of HTTP, in lower case.
    static let schemes: Set<String> = ["http", "https", "ws", "wss"]

    /// The query keys of well-known services for signatures and credentials.
    public static let standardSensitiveQueryKeys: Set<String> = [
        "X-Amz-Signature", "X-Amz-Credential", "X-Amz-Security-Token", "AWSAccessKeyId", "Signature", "sig", "X-Goog-Signature",
    ]

    /// The defaults of the conventions; `OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS`, a comma-separated list, replaces the
    /// known methods.
    public static let standard = HTTPConventions(.process)

    init(_ environment: EnvironmentReader) {
        let list = environment.text("OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS") ?? ""
        self.init(knownMethods: Self.methods(inList: list) ?? Self.standardMethods)
    }

    /// Returns the methods of a comma-separated list; nil if it is empty.
    static func methods(inList list: String) -> Set<String>? {
        let methods = list.split(separator: ",").map { String($0.trimmingWhiteSpace()) }.filter { !$0.isEmpty }
        return methods.isEmpty ? nil : Set(methods)
    }
}

extension HTTPConventions {
    /// What is recorded in place of a method that is not known.
    private static let unknownMethod = "_OTHER"

    /// Returns the recorded method, and the original one if it differs.
    func method(_ method: String) -> (shown: String, original: String?) {
        knows(method) ? (method, nil) : (Self.unknownMethod, method)
    }

    /// Hashing a method takes 280 instructions, comparing it with what most requests have takes 20.
    func knows(_ method: String) -> Bool {
        settings.knowsGetAndPost && (method == "GET" || method == "POST") || knownMethods.contains(method)
    }

    /// Returns a name such as `GET /albums/{id}`; only the method without a target of low cardinality.
    func spanName(method: String, target: String?) -> String {
        Self.spanName(shownMethod: self.method(method).shown, target: target)
    }

    /// - Parameter shownMethod: the method as it is recorded.
    static func spanName(shownMethod: String, target: String?) -> String {
        let name = shownMethod == unknownMethod ? "HTTP" : shownMethod
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

    /// Returns `1.1` for `HTTP/1.1`, `2` for `2.0`; nil if unknown.
    static func protocolVersion(_ version: String?) -> AttributeValue? { protocolNumber(version).map { .string($0) } }

    /// Returns the same as a text.
    static func protocolNumber(_ version: String?) -> String? {
        guard let version, !version.isEmpty else { return nil }
        // What nearly all callers give, who know the form of the conventions.
        if version == "1.1" || version == "2" { return version }
        let slash = version.utf8.lastIndex(of: UInt8(ascii: "/"))
        let number = slash.map { version[version.utf8.index(after: $0)...] } ?? version[...]
        guard !number.isEmpty else { return nil }
        switch number {
        case "2.0": return "2"
        case "3.0": return "3"
        default: return String(number)
        }
    }

    /// Returns the size in `Content-Length`; nil if it is missing or contradictory.
    static func contentLength(_ headers: (_ name: String) -> [String]) -> Int? {
        let values = headers("content-length")
        guard let first = values.first, values.allSatisfy({ $0 == first }) else { return nil }
        return Int(first.trimmingSpaces()).flatMap { $0 >= 0 ? $0 : nil }
    }
}
