// Processors that export log records: in batches, or at once.

/// Collects log records and exports them in batches from a thread of its own. A record that finds the queue full is dropped.
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

    /// - Parameter exporters: at least one; the start of telemetry throws for none.
    public convenience init(exporters: [any LogExporter], options: BatchOptions? = nil, clock: TelemetryClock = .system) {
        self.init(exporters: exporters, options: options, sizes: .standard, clock: clock)
    }

    /// - Parameter sizes: count without options, where the variables name none.
    package init(exporters: [any LogExporter], options: BatchOptions? = nil, sizes: BatchOptions.Sizes, clock: TelemetryClock = .system) {
        self.exporters = exporters
        lazy = LazyPipeline(options, exporterCount: exporters.count) { environment in
            ExportPipeline(
                kind: "batching_log_processor", items: .logRecord,
                options: options ?? BatchOptions(environment, prefix: "OTEL_BLRP", scheduleDelay: .seconds(1), sizes: sizes),
                clock: clock,
                destinations: exporters.map { ExporterDestination($0) })
        }
    }

    var pipeline: ExportPipeline { lazy.pipeline }

    /// Configures the exporters, and starts the export thread.
    public func configure(_ environment: EnvironmentReader) throws(ConfigurationError) {
        try lazy.start(environment, exporters: exporters)
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
