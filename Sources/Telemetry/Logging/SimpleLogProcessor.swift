// The log processor `.simple`.

/// Exports log records as soon as there are any, from a thread of its own: for consoles and files.
///
/// Records that come while others are being exported go out together with the next export. Emitting does not wait for it: a record that
/// finds `maxQueueSize` others waiting, and no room within some 5 ms, is dropped and counted. Before a program ends itself on purpose it should
/// flush.
/// (Specification: logs SDK, "Simple processor".)
public final class SimpleLogProcessor: LogPipelineOwner {
    private let exporter: any LogExporter
    private let lazy: LazyPipeline

    /// Past `maxQueueSize` records that wait, new ones are dropped.
    public init(_ exporter: any LogExporter, maxQueueSize: Int = 2048, exportTimeout: Duration = .seconds(30)) {
        self.exporter = exporter
        // All waiting records are one batch, since several batches could not be brought into order.
        let options = BatchOptions(
            maxQueueSize: maxQueueSize, maxExportBatchSize: maxQueueSize, scheduleDelay: .seconds(3600), exportTimeout: exportTimeout)
        lazy = LazyPipeline(options) { _ in
            ExportPipeline(
                kind: "simple_log_processor", items: .logRecord, options: options, clock: .system,
                destinations: [ExporterDestination(exporter)],
                isImmediate: true)
        }
    }

    var pipeline: ExportPipeline { lazy.pipeline }

    /// Configures the exporter, and starts the export thread.
    public func configure(_ environment: EnvironmentReader) throws(ConfigurationError) {
        try lazy.start(environment, exporters: [exporter])
    }
}

extension LogProcessor where Self == SimpleLogProcessor {
    /// Exports log records as soon as there are any.
    public static func simple(_ exporter: any LogExporter) -> Self { SimpleLogProcessor(exporter) }
}
