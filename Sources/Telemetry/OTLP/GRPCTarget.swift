// The forms of an endpoint of gRPC.

/// The endpoints that gRPC knows: a URL, a name as its libraries take it, or a Unix socket. A call has a path of its own.
enum GRPCTarget {
    static let expected =
        "a URL as http://collector:4317 or https://collector:4317, a host and port as collector:4317, or unix:/path/of/a/socket"
    static let defaultURL = "http://localhost:4317"
    private static let defaultPort = 4317

    /// Returns the URL of an endpoint; nil for what is none.
    ///
    /// Without a scheme the connection is secure, unless another variable says that it is not. (Specification: OTLP exporter, "Insecure".)
    ///
    /// - Parameter isInsecure: asked for an endpoint without a scheme only.
    static func url(_ text: String, isInsecure: () -> Bool) -> HTTPURL? {
        if let url = HTTPURL(text) { return url }
        var name = text[...]
        for scheme in ["dns:///", "dns:"] where name.lowercased().hasPrefix(scheme) {
            name = name.dropFirst(scheme.count)
            break
        }
        guard !name.contains("/"), !name.contains("?"), !name.contains("#") else { return nil }
        let hasPort = name.hasPrefix("[") ? !name.hasSuffix("]") : name.contains(":")
        return HTTPURL((isInsecure() ? "http://" : "https://") + name + (hasPort ? "" : ":\(defaultPort)"))
    }
}
