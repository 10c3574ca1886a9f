// Processors that export: in batches, or each span at once.

/// Collects finished spans and exports them in batches from a thread of its own; a span that finds the queue full is dropped.
///
/// (Specification: trace SDK, "Batching processor".)
public final class BatchSpanProcessor: SpanProcessor, PipelineOwner {
    let pipeline: ExportPipeline

    /// Starts the export thread. Without options, the `OTEL_BSP_*` variables count, then the defaults.
    public init(_ exporter: any SpanExporter, options: BatchOptions? = nil, clock: TelemetryClock = .system) {
        pipeline = ExportPipeline(
            name: "BatchSpanProcessor", options: options ?? BatchOptions(.process, prefix: "OTEL_BSP"), clock: clock,
            destination: SpanDestination(exporter: exporter))
    }
}

/// Exports each span as soon as it has ended, from a thread of its own: for consoles and tests, not for load.
///
/// (Specification: trace SDK, "Simple processor". Ending a span never waits for the export.)
public final class ImmediateSpanProcessor: SpanProcessor, PipelineOwner {
    let pipeline: ExportPipeline

    /// Starts the export thread; past `maxQueueSize` spans that wait, new ones are dropped.
    public init(_ exporter: any SpanExporter, maxQueueSize: Int = 2048, exportTimeout: Duration = .seconds(30)) {
        let options = BatchOptions(
            maxQueueSize: maxQueueSize, maxExportBatchSize: 1, scheduleDelay: .seconds(3600), exportTimeout: exportTimeout)
        pipeline = ExportPipeline(
            name: "ImmediateSpanProcessor", options: options, clock: .system, destination: SpanDestination(exporter: exporter))
    }
}

extension SpanProcessor where Self == BatchSpanProcessor {
    /// Exports spans in batches. Without options, the `OTEL_BSP_*` variables count, then the defaults.
    public static func batch(_ exporter: any SpanExporter, options: BatchOptions? = nil) -> Self {
        BatchSpanProcessor(exporter, options: options)
    }
}

extension SpanProcessor where Self == ImmediateSpanProcessor {
    /// Exports each span as soon as it has ended.
    public static func immediate(_ exporter: any SpanExporter) -> Self { ImmediateSpanProcessor(exporter) }
}

/// A processor whose spans go through a pipeline: a tracer then appends to the queue without going through the processor.
protocol PipelineOwner: SpanProcessor {
    var pipeline: ExportPipeline { get }
}

/// An exporter whose settings can be wrong.
protocol ConfiguredExporter: SpanExporter {
    /// What is wrong with the settings given in code.
    var configurationError: ConfigurationError? { get }
}

extension PipelineOwner {
    /// What is wrong with the settings of the exporter.
    var configurationError: ConfigurationError? {
        ((pipeline.destination as? SpanDestination)?.exporter as? any ConfiguredExporter)?.configurationError
    }

    public func onEnd(_ span: FinishedSpan) {
        guard span.context.isSampled else { return }
        span.withMessage { message in
            pipeline.append(span.scopeReference, lane: ProcessorLane.anywhere.current, size: 1 + WireSize.lengthDelimited(message.count)) {
                cursor in
                cursor.byte(0x12)
                cursor.varint(UInt64(message.count))
                cursor.copy(message)
            }
        }
    }

    public func forceFlush(deadline: Deadline) async -> FlushResult {
        await pipeline.forceFlush(deadline: deadline)
    }

    public func shutdown(deadline: Deadline) async -> FlushResult {
        await pipeline.shutdown(deadline: deadline)
    }
}

/// Hands the batches of a pipeline to a span exporter.
private struct SpanDestination: BatchDestination {
    let exporter: any SpanExporter

    func export(_ batch: ItemBatch, deadline: Deadline) async throws(ExportFailure) {
        try await exporter.export(SpanBatch(items: batch), deadline: deadline)
    }

    func forceFlush(deadline: Deadline) async -> FlushResult { await exporter.forceFlush(deadline: deadline) }

    func shutdown(deadline: Deadline) async -> FlushResult { await exporter.shutdown(deadline: deadline) }
}
