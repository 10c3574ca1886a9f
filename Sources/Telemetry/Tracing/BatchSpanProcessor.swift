// Processors that export: in batches, or each span at once.

import Synchronization

/// Collects finished spans and exports them in batches from a thread of its own; a span that finds the queue full is dropped.
///
/// Several exporters share the bytes of a batch; each has a queue, a thread, deadlines and counts of its own, so that none
/// waits for another. (Specification: trace SDK, "Batching processor"; OTLP specification, "Multi-Destination Exporting".)
public final class BatchSpanProcessor: SpanProcessor, PipelineOwner {
    let exporters: [any SpanExporter]
    private let options: BatchOptions?
    private let clock: TelemetryClock
    /// Made when telemetry starts: only then is it known which environment counts.
    private let started = AtomicLazyReference<ExportPipeline>()
    private let starting = Mutex(())

    /// Without options, the `OTEL_BSP_*` variables count, then the defaults. The export thread starts with telemetry.
    public convenience init(_ exporter: any SpanExporter, options: BatchOptions? = nil, clock: TelemetryClock = .system) {
        self.init(exporters: [exporter], options: options, clock: clock)
    }

    /// - Parameter exporters: at least one.
    public init(exporters: [any SpanExporter], options: BatchOptions? = nil, clock: TelemetryClock = .system) {
        precondition(!exporters.isEmpty, "A processor has something to export with.")
        self.exporters = exporters
        self.options = options
        self.clock = clock
    }

    var pipeline: ExportPipeline { started.load() ?? start(.process) }

    func configure(_ environment: EnvironmentReader) throws(ConfigurationError) {
        try configureExporters(environment)
        _ = start(environment)
    }

    @inline(never)
    private func start(_ environment: EnvironmentReader) -> ExportPipeline {
        starting.withLock { _ in
            // Under the lock, so that there are never two with a thread each.
            started.load()
                ?? started.storeIfNil(
                    ExportPipeline(
                        kind: "batching_span_processor", options: options ?? BatchOptions(environment, prefix: "OTEL_BSP"), clock: clock,
                        destinations: exporters.map { SpanDestination(exporter: $0) }))
        }
    }
}

/// Exports each span as soon as it has ended, from a thread of its own: for consoles and tests, not for load.
///
/// (Specification: trace SDK, "Simple processor". Ending a span never waits for the export.)
public final class ImmediateSpanProcessor: SpanProcessor, PipelineOwner {
    let pipeline: ExportPipeline
    let exporters: [any SpanExporter]

    /// Starts the export thread; past `maxQueueSize` spans that wait, new ones are dropped.
    public init(_ exporter: any SpanExporter, maxQueueSize: Int = 2048, exportTimeout: Duration = .seconds(30)) {
        let options = BatchOptions(
            maxQueueSize: maxQueueSize, maxExportBatchSize: 1, scheduleDelay: .seconds(3600), exportTimeout: exportTimeout)
        exporters = [exporter]
        pipeline = ExportPipeline(
            kind: "simple_span_processor", options: options, clock: .system, destinations: [SpanDestination(exporter: exporter)])
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

extension SpanProcessor where Self == ImmediateSpanProcessor {
    /// Exports each span as soon as it has ended.
    public static func immediate(_ exporter: any SpanExporter) -> Self { ImmediateSpanProcessor(exporter) }
}

/// A processor whose spans go through a pipeline: a tracer then appends to the queue without going through the processor.
protocol PipelineOwner: SpanProcessor {
    var pipeline: ExportPipeline { get }
    var exporters: [any SpanExporter] { get }
    /// Takes what code leaves open from the environment that telemetry is started with.
    func configure(_ environment: EnvironmentReader) throws(ConfigurationError)
}

/// An exporter that asks the environment for what code leaves open.
protocol ConfiguredExporter: SpanExporter {
    /// Called before the first export, when telemetry starts.
    ///
    /// - Throws: when a setting given in code cannot be used; what is wrong with variables is reported.
    func configure(_ environment: EnvironmentReader) throws(ConfigurationError)
}

extension PipelineOwner {
    func configure(_ environment: EnvironmentReader) throws(ConfigurationError) { try configureExporters(environment) }

    fileprivate func configureExporters(_ environment: EnvironmentReader) throws(ConfigurationError) {
        for exporter in exporters { try (exporter as? any ConfiguredExporter)?.configure(environment) }
    }

    public func onEnd(_ span: FinishedSpan) {
        guard span.context.isSampled else { return }
        // The scope is not counted on its way into a chunk: the span keeps it alive.
        withExtendedLifetime(span) { append(span) }
    }

    private func append(_ span: FinishedSpan) {
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

/// An exporter that can tell more about itself than how its exports end.
protocol ReportingExporter: SpanExporter {
    /// What it delivers to, for people, without passwords.
    var destinationName: String { get }
    var status: DestinationStatus { get }
    /// What it is, for metrics about telemetry itself.
    var component: ExportComponent { get }
    /// How many batches it can deliver at the same time.
    var maximumConcurrentExports: Int { get }

    /// Has exports that are under way end soon if what they deliver can be kept; called on another thread, at a shutdown.
    func hurry()
}

extension ReportingExporter {
    var component: ExportComponent { ExportComponent(type: String(describing: Self.self)) }
    func hurry() {}
}

/// Hands the batches of a pipeline to a span exporter.
private struct SpanDestination: BatchDestination {
    let exporter: any SpanExporter

    private var reporting: (any ReportingExporter)? { exporter as? any ReportingExporter }
    var name: String { reporting?.destinationName ?? String(describing: type(of: exporter)) }
    var maximumConcurrentExports: Int { reporting?.maximumConcurrentExports ?? 1 }
    var status: DestinationStatus { reporting?.status ?? DestinationStatus() }
    var component: ExportComponent { reporting?.component ?? ExportComponent(type: String(describing: type(of: exporter))) }

    func hurry() { reporting?.hurry() }

    func export(_ batch: ItemBatch, deadline: Deadline) async -> BatchOutcome {
        do throws(ExportFailure) {
            try await exporter.export(SpanBatch(items: batch), deadline: deadline)
            return .delivered
        } catch {
            return error == .deferred ? .takenOver : .failed(error)
        }
    }

    func forceFlush(deadline: Deadline) async -> FlushResult { await exporter.forceFlush(deadline: deadline) }

    func shutdown(deadline: Deadline) async -> FlushResult { await exporter.shutdown(deadline: deadline) }
}
