// Processors that export log records: in batches, or at once.

/// Collects log records and exports them in batches from a thread of its own; a record that finds the queue full is dropped.
///
/// Several exporters share the bytes of a batch; each has a queue, a thread, deadlines and counts of its own, so that none
/// waits for another. (Specification: logs SDK, "Batching processor".)
public final class BatchLogProcessor: LogPipelineOwner {
    private let exporters: [any LogExporter]
    private let lazy: LazyPipeline

    /// Without options, the `OTEL_BLRP_*` variables count, then the defaults. The export thread starts with telemetry.
    public convenience init(_ exporter: any LogExporter, options: BatchOptions? = nil, clock: TelemetryClock = .system) {
        self.init(exporters: [exporter], options: options, clock: clock)
    }

    /// - Parameter exporters: at least one.
    public init(exporters: [any LogExporter], options: BatchOptions? = nil, clock: TelemetryClock = .system) {
        precondition(!exporters.isEmpty, "A processor has something to export with.")
        self.exporters = exporters
        lazy = LazyPipeline { environment in
            ExportPipeline(
                kind: "batching_log_processor",
                options: options ?? BatchOptions(environment, prefix: "OTEL_BLRP", scheduleDelay: .seconds(1)), clock: clock,
                destinations: exporters.map { ExporterDestination($0) })
        }
    }

    var pipeline: ExportPipeline { lazy.pipeline }

    func configure(_ environment: EnvironmentReader) throws(ConfigurationError) {
        try exporters.configure(environment)
        _ = lazy.start(environment)
    }
}

/// Exports log records as soon as there are any, from a thread of its own: for consoles and files.
///
/// Records that come while others are being exported go out together with the next export. Emitting never waits for it: a record that
/// finds `maxQueueSize` others waiting is dropped and counted. Before a program ends itself on purpose it should flush.
/// (Specification: logs SDK, "Simple processor".)
public final class SimpleLogProcessor: LogPipelineOwner {
    private let exporter: any LogExporter
    private let lazy: LazyPipeline

    /// Past `maxQueueSize` records that wait, new ones are dropped.
    public init(_ exporter: any LogExporter, maxQueueSize: Int = 2048, exportTimeout: Duration = .seconds(30)) {
        self.exporter = exporter
        // All that waits goes out together: several batches could not be brought into order.
        let options = BatchOptions(
            maxQueueSize: maxQueueSize, maxExportBatchSize: maxQueueSize, scheduleDelay: .seconds(3600), exportTimeout: exportTimeout)
        lazy = LazyPipeline { _ in
            ExportPipeline(
                kind: "simple_log_processor", options: options, clock: .system, destinations: [ExporterDestination(exporter)],
                isImmediate: true)
        }
    }

    var pipeline: ExportPipeline { lazy.pipeline }

    func configure(_ environment: EnvironmentReader) throws(ConfigurationError) {
        try [exporter].configure(environment)
        _ = lazy.start(environment)
    }
}

extension LogProcessor where Self == BatchLogProcessor {
    /// Exports log records in batches. Without options, the `OTEL_BLRP_*` variables count, then the defaults.
    public static func batch(_ exporter: any LogExporter, options: BatchOptions? = nil) -> Self {
        BatchLogProcessor(exporter, options: options)
    }

    /// Exports the same batches to several destinations, none of which waits for another.
    public static func batch(
        _ first: any LogExporter, _ second: any LogExporter, _ more: any LogExporter..., options: BatchOptions? = nil
    ) -> Self {
        BatchLogProcessor(exporters: [first, second] + more, options: options)
    }
}

extension LogProcessor where Self == SimpleLogProcessor {
    /// Exports log records as soon as there are any.
    public static func simple(_ exporter: any LogExporter) -> Self { SimpleLogProcessor(exporter) }
}

/// A log processor whose records go through a pipeline.
protocol LogPipelineOwner: LogProcessor, PipelineOwner {}

extension LogPipelineOwner {
    public func onEmit(_ record: inout ReadWriteLogRecord) { record.append(to: pipeline) }

    public func forceFlush(deadline: Deadline) async -> FlushResult { await pipeline.forceFlush(deadline: deadline) }

    public func shutdown(deadline: Deadline) async -> FlushResult { await pipeline.shutdown(deadline: deadline) }
}

extension ExporterDestination<any LogExporter> {
    init(_ exporter: any LogExporter) {
        self.init(
            exporter: exporter,
            calls: Calls(
                export: { batch, deadline throws(ExportFailure) in
                    try await exporter.export(LogBatch(items: batch), deadline: deadline)
                },
                forceFlush: { await exporter.forceFlush(deadline: $0) }, shutdown: { await exporter.shutdown(deadline: $0) }))
    }
}
