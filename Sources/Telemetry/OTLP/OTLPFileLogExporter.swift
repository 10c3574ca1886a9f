// Writes log records as lines of OTLP/JSON to a file or to standard output.

/// Writes each batch of log records as one line of JSON: a `LogsData` message.
///
/// A file is appended to; one that does not exist is made, for its owner alone to read and write. It is opened for each batch, so that
/// programs that move log files away need not tell anybody. (Specification: OTLP file exporter.)
public final class OTLPFileLogExporter: LogExporter, ConfiguredExporter, ReportingExporter {
    private let file: OTLPFile

    public init(_ target: OTLPFileTarget) {
        file = OTLPFile(.logs, target)
    }

    func configure(_ environment: EnvironmentReader) throws(ConfigurationError) { try file.check() }

    var destinationName: String { file.name }

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
