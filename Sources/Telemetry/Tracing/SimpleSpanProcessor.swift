// The span processor `.simple`.

/// Exports each span as soon as it has ended, from a thread of its own: for consoles and tests, not for load.
///
/// (Specification: trace SDK, "Simple processor". Ending a span does not wait for its export.)
public final class SimpleSpanProcessor: SpanPipelineOwner {
    private let exporter: any SpanExporter
    private let lazy: LazyPipeline

    /// Past `maxQueueSize` spans that wait, new ones are dropped. The export thread starts with telemetry.
    public init(_ exporter: any SpanExporter, maxQueueSize: Int = 2048, exportTimeout: Duration = .seconds(30)) {
        self.exporter = exporter
        let options = BatchOptions(
            maxQueueSize: maxQueueSize, maxExportBatchSize: 1, scheduleDelay: .seconds(3600), exportTimeout: exportTimeout)
        lazy = LazyPipeline(options) { _ in
            ExportPipeline(
                kind: "simple_span_processor", items: .span, options: options, clock: .system, destinations: [ExporterDestination(exporter)]
            )
        }
    }

    var pipeline: ExportPipeline { lazy.pipeline }

    /// Configures the exporter, and starts the export thread.
    public func configure(_ environment: EnvironmentReader) throws(ConfigurationError) {
        try lazy.start(environment, exporters: [exporter])
    }
}

extension SpanProcessor where Self == SimpleSpanProcessor {
    /// Exports each span as soon as it has ended.
    public static func simple(_ exporter: any SpanExporter) -> Self { SimpleSpanProcessor(exporter) }
}
