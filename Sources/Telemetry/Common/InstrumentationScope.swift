// The scope under which spans, metrics and log records are exported.

/// The library or module that records telemetry, for which a tracer, meter or logger is obtained.
///
/// Two scopes are the same when all four fields are. (Specification: common, "Instrumentation Scope".)
public struct InstrumentationScope: Sendable, Hashable {
    public let name: String
    public let version: String
    public let schemaURL: String
    public let attributes: Attributes

    public init(name: String, version: String = "", schemaURL: String = "", attributes: Attributes = [:]) {
        self.name = name
        self.version = version
        self.schemaURL = schemaURL
        self.attributes = attributes
    }
}
