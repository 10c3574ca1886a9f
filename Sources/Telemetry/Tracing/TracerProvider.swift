// Owns what all tracers share: resource, sampler, limits, processors.

/// Owns what the tracers of a system share, and hands the tracers out. Made by ``TelemetrySystem``.
final class TracerProvider: Sendable {
    let recordedResource: RecordedResource
    let sampling: SamplingPlan
    let limits: SpanLimits
    let idGenerator: (any IDGenerator)?
    let clock: TelemetryClock
    /// Whether anybody is told of spans. Without anybody they are still sampled and have identifiers of their own, so that services
    /// downstream and lines of logs can be brought together.
    var hasProcessors: Bool { !allProcessors.isEmpty }
    /// All that were given, in order.
    private let allProcessors: [any SpanProcessor]
    /// Those that must be called: without the pipeline that spans are appended to directly.
    let processors: [any SpanProcessor]
    /// Those that may change a span when it ends.
    let endingProcessors: [any EndingSpanProcessor]
    /// Kept alive by `allProcessors`, and with the tracers for ever.
    let onlyPipeline: Unmanaged<ExportPipeline>?
    /// Counts the spans; nil where nobody wants to know.
    let spanCounts: SpanCounts?
    let exceptions: ExceptionRecording
    private let backgroundSamplers: [any BackgroundSampler]
    private let registry: ScopeRegistry<Tracer>
    private let ending = SharedShutdown()

    /// - Parameters:
    ///   - isOff: whether spans are not even started, and hand on the context of their parent: telemetry was switched off, or never
    ///     started.
    ///   - countsSpans: whether spans are counted, for metrics about telemetry itself.
    ///   - exceptions: what becomes of errors that leave the operations of spans.
    init(
        resource: Resource, sampler: any Sampler, limits: SpanLimits, processors: [any SpanProcessor], idGenerator: (any IDGenerator)?,
        clock: TelemetryClock, configurator: TracerConfigurator = .enablingAll, isOff: Bool = false,
        countsSpans: Bool = false, exceptions: ExceptionRecording = ExceptionRecording()
    ) {
        recordedResource = RecordedResource(resource)
        sampling = SamplingPlan(sampler)
        self.limits = limits
        self.idGenerator = idGenerator
        self.clock = clock
        clock.renewedAnchor()
        self.exceptions = exceptions
        spanCounts = countsSpans ? SpanCounts() : nil
        allProcessors = processors
        endingProcessors = processors.compactMap { $0 as? any EndingSpanProcessor }
        // A span that may change when it ends is appended after that, by the processor itself.
        if endingProcessors.isEmpty, let index = processors.firstIndex(where: { $0 is any PipelineOwner }),
            let owner = processors[index] as? any PipelineOwner
        {
            onlyPipeline = .passUnretained(owner.pipeline)
            self.processors = Array(processors[..<index] + processors[(index + 1)...])
        } else {
            onlyPipeline = nil
            self.processors = processors
        }
        registry = ScopeRegistry("tracer", configurator: configurator, isOff: isOff)
        backgroundSamplers = isOff ? [] : BackgroundSamplers.all(in: sampler)
        for sampler in backgroundSamplers { sampler.start(resource: resource, clock: clock) }
    }

    /// The tracer of a scope, always the same for the same scope; one that does nothing, for all scopes, when telemetry is off.
    func tracer(_ scope: InstrumentationScope) -> Tracer {
        registry.member(of: scope) { Tracer($0, provider: self) }
    }

    /// Replaces the configurator, and asks it about all tracers that there are.
    func update(_ configurator: TracerConfigurator) { registry.update(configurator) }

    /// What became of the spans, for each destination of each processor that exports.
    var health: [PipelineHealth] { pipelines.flatMap(\.health) }

    /// The pipelines of the processors that export, in order.
    var pipelines: [ExportPipeline] { allProcessors.compactMap { ($0 as? any PipelineOwner)?.pipeline } }

    func forceFlush(deadline: Deadline) async -> FlushResult {
        await requests(isShutdown: false, deadline).waitWithoutBlocking()
    }

    func shutdown(deadline: Deadline) async -> FlushResult {
        await requests(isShutdown: true, deadline).waitWithoutBlocking()
    }

    /// Begins a flush, or the shutdown, of all processors.
    func requests(isShutdown: Bool, _ deadline: Deadline) -> [FlushRequest] {
        guard isShutdown else { return ending.flush(deadline) { allProcessors.requests(isShutdown: false, deadline) } }
        return ending.begin(deadline) {
            _ = registry.close()
            for sampler in backgroundSamplers { sampler.stop() }
            return allProcessors.requests(isShutdown: true, deadline)
        }
    }
}

extension [any SpanProcessor] {
    /// Asks all processors at the same time.
    func requests(isShutdown: Bool, _ deadline: Deadline) -> [FlushRequest] {
        map { processor in
            .of(processor, isShutdown: isShutdown, deadline) {
                isShutdown ? await processor.shutdown(deadline: deadline) : await processor.forceFlush(deadline: deadline)
            }
        }
    }

    /// Ends processors that are not used after all, so that none of their threads stays; nobody waits for it.
    func retire() { _ = requests(isShutdown: true, .after(.seconds(5))) }
}
