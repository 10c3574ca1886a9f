// Processors that export: in batches, or each span at once.

/// Collects finished spans and exports them in batches from a thread of its own. A span that finds the queue full is dropped.
///
/// Several exporters share the bytes of a batch; each has a queue, a thread, deadlines and counts of its own, so that none
/// waits for another. (Specification: trace SDK, "Batching processor"; OTLP specification, "Multi-Destination Exporting".)
public final class BatchSpanProcessor: SpanPipelineOwner {
    private let exporters: [any SpanExporter]
    private let lazy: LazyPipeline

    /// Without options, the `OTEL_BSP_*` variables count, then the defaults. The export thread starts with telemetry.
    public convenience init(_ exporter: any SpanExporter, options: BatchOptions? = nil, clock: TelemetryClock = .system) {
        self.init(exporters: [exporter], options: options, clock: clock)
    }

    /// - Parameter exporters: at least one; the start of telemetry throws for none.
    public convenience init(exporters: [any SpanExporter], options: BatchOptions? = nil, clock: TelemetryClock = .system) {
        self.init(exporters: exporters, options: options, sizes: .standard, clock: clock)
    }

    /// - Parameter sizes: count without options, where the variables name none.
    package init(exporters: [any SpanExporter], options: BatchOptions? = nil, sizes: BatchOptions.Sizes, clock: TelemetryClock = .system) {
        self.exporters = exporters
        lazy = LazyPipeline(options, exporterCount: exporters.count) { environment in
            ExportPipeline(
                kind: "batching_span_processor", items: .span,
                options: options ?? BatchOptions(environment, prefix: "OTEL_BSP", sizes: sizes),
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

extension SpanProcessor where Self == BatchSpanProcessor {
    /// Exports spans in batches. Without options, the `OTEL_BSP_*` variables count, then the defaults.
    public static func batch(_ exporter: any SpanExporter, options: BatchOptions? = nil) -> Self {
        BatchSpanProcessor(exporter, options: options)
    }

    /// Exports the same batches to several destinations, none of which waits for another.
    public static func batch(
        _ first: any SpanExporter, _ second: any SpanExporter, _ more: any SpanExporter..., options: BatchOptions? = nil
    ) -> Self {
        BatchSpanProcessor(exporters: [first, second] + more, options: options)
    }
}
