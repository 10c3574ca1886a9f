// Where OTLP requests go, and what they carry.

/// One setting of an OTLP exporter after code, environment and defaults have been asked, in this order.
struct OTLPSettings: Sendable {
    /// The whole URL that requests of the signal are sent to.
    let url: String
    /// The variable that the URL comes from; nil when it was given in code.
    let endpointVariable: String?
    let headers: [(name: String, value: String)]
    let timeout: Duration

    /// - Parameters:
    ///   - signal: `TRACES`, `METRICS` or `LOGS`.
    ///   - path: what is appended to a general endpoint, as `v1/traces`.
    init(
        signal: String, path: String, endpoint: String?, headers: [String: String]?, timeout: Duration?, environment: EnvironmentReader
    ) {
        if let endpoint {
            url = Self.appending(path, to: endpoint)
            endpointVariable = nil
        } else if let own = environment.text("OTEL_EXPORTER_OTLP_\(signal)_ENDPOINT") {
            url = own
            endpointVariable = "OTEL_EXPORTER_OTLP_\(signal)_ENDPOINT"
        } else {
            endpointVariable = "OTEL_EXPORTER_OTLP_ENDPOINT"
            url = Self.appending(path, to: environment.text("OTEL_EXPORTER_OTLP_ENDPOINT") ?? "http://localhost:4318")
        }
        let named = headers.map { $0.sorted { $0.key < $1.key }.map { (name: $0.key, value: $0.value) } }
        self.headers =
            named ?? environment.pairs("OTEL_EXPORTER_OTLP_\(signal)_HEADERS") ?? environment.pairs("OTEL_EXPORTER_OTLP_HEADERS") ?? []
        self.timeout =
            timeout ?? environment.timeout("OTEL_EXPORTER_OTLP_\(signal)_TIMEOUT") ?? environment.timeout("OTEL_EXPORTER_OTLP_TIMEOUT")
            ?? .seconds(10)
    }

    /// A URL as it may be printed: what stands between scheme and `@` may be a password.
    static func withoutUserInformation(_ url: String) -> String {
        guard let at = url.lastIndex(of: "@") else { return url }
        let scheme = url.firstRange(of: "://").map { url[..<$0.upperBound] } ?? ""
        return "\(scheme)…\(url[at...])"
    }

    /// A general endpoint is a base: the signal's path comes after it.
    private static func appending(_ path: String, to base: String) -> String {
        base.hasSuffix("/") ? base + path : base + "/" + path
    }
}
