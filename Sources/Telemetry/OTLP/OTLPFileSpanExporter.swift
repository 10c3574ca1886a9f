// The OTLP file exporter of spans.

/// Writes each batch of spans as one line of JSON: a `TracesData` message.
///
/// A file is appended to, and created if it is missing, readable and writable by its owner only. It is opened for each batch, so that
/// log rotation needs no signal. (Specification: OTLP file exporter.)
public final class OTLPFileSpanExporter: SpanExporter, EnvironmentConfigurable, ReportingExporter {
    private let file: OTLPFile

    public init(_ target: OTLPFileTarget) {
        file = OTLPFile(.traces, target)
    }

    /// Checks that the target can be written to.
    public func configure(_ environment: EnvironmentReader) throws(ConfigurationError) { try file.check() }

    public var destinationName: String { file.name }

    public func export(_ batch: borrowing SpanBatch, deadline: Deadline) async throws(ExportFailure) {
        try file.append(batch.items, deadline: deadline)
    }

    public func shutdown(deadline: Deadline) async -> FlushResult {
        file.shutdown()
        return .completed
    }
}

extension SpanExporter where Self == OTLPFileSpanExporter {
    /// Writes spans as lines of OTLP/JSON: `.otlpFile("/var/log/spans.jsonl")` or `.otlpFile(.standardOutput)`.
    public static func otlpFile(_ target: OTLPFileTarget) -> Self { OTLPFileSpanExporter(target) }
}
