// The OTLP file exporter of log records.

/// Writes each batch of log records as one line of JSON: a `LogsData` message.
///
/// A file is appended to, and created if it is missing, readable and writable by its owner only. It is opened for each batch, so that
/// log rotation needs no signal. (Specification: OTLP file exporter.)
public final class OTLPFileLogExporter: LogExporter, EnvironmentConfigurable, ReportingExporter {
    private let file: OTLPFile

    public init(_ target: OTLPFileTarget) {
        file = OTLPFile(.logs, target)
    }

    /// Checks that the target can be written to.
    public func configure(_ environment: EnvironmentReader) throws(ConfigurationError) { try file.check() }

    public var destinationName: String { file.name }

    public func export(_ batch: borrowing LogBatch, deadline: Deadline) async throws(ExportFailure) {
        try file.append(batch.items, deadline: deadline)
    }

    public func shutdown(deadline: Deadline) async -> FlushResult {
        file.shutdown()
        return .completed
    }
}

extension LogExporter where Self == OTLPFileLogExporter {
    /// Writes log records as lines of OTLP/JSON: `.otlpFile("/var/log/records.jsonl")` or `.otlpFile(.standardOutput)`.
    public static func otlpFile(_ target: OTLPFileTarget) -> Self { OTLPFileLogExporter(target) }
}
