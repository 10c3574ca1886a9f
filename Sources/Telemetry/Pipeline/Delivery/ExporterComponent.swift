// The identity of an exporter in metrics about the SDK itself.

/// The type and the server of an exporter. (Semantic conventions: `otel.component.type`, `server.address`, `server.port`.)
///
/// The SDK adds `otel.component.name`, which is the type with a number.
public struct ExporterComponent: Sendable, Hashable {
    /// The type as the conventions name it, as in `zipkin_http_span_exporter`, or the name of the Swift type where they have none.
    public var type: String
    /// The name or address of the server; nil without one.
    public var serverAddress: String?
    public var serverPort: Int?

    public init(type: String, serverAddress: String? = nil, serverPort: Int? = nil) {
        self.type = type
        self.serverAddress = serverAddress
        self.serverPort = serverPort
    }
}
