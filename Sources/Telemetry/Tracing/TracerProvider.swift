// The provider of tracers, and its life cycle.

/// Makes the tracers of a system and gives them what they share. Made by ``TelemetrySystem``.
final class TracerProvider: Sendable {
    /// The setup of each tracer.
    let setup: TracerSetup
    let limits: SpanLimits
    private let backgroundSamplers: [any BackgroundSampler]
    private let registry: ScopeRegistry<Tracer>
    private let ending = SharedShutdown()

    /// Counts the spans; nil if metrics about telemetry itself are off.
    var spanCounts: SpanCounts? { setup.counts }

    /// The pipelines of the processors that export, in order.
    var pipelines: [ExportPipeline] { setup.processors.pipelines }

    /// - Parameters:
    ///   - isOff: true if spans are not even started and propagate the context of their parent: telemetry was switched off, or never
    ///     started.
    ///   - countsSpans: whether spans are counted, for metrics about telemetry itself.
    ///   - exceptions: how errors that leave the operations of spans are recorded.
    ///   - contextAttributes: the attributes that spans get from their context.
    ///   - instrumentation: what helpers use where a caller gives them nothing else.
    init(
        resource: Resource, sampler: any Sampler, limits: SpanLimits, processors: [any SpanProcessor], idGenerator: (any IDGenerator)?,
        clock: TelemetryClock, configurator: TracerConfigurator = .enablingAll, isOff: Bool = false,
        countsSpans: Bool = false, exceptions: ExceptionRecording = ExceptionRecording(),
        contextAttributes: ContextAttributeSelection = .all, instrumentation: InstrumentationSettings = .standard
    ) {
        setup = TracerSetup(
            resource: RecordedResource(resource), sampling: SamplingPlan(sampler), limits: RecordingLimits(limits),
            idGenerator: idGenerator, clock: clock, processors: SpanProcessorList(processors), counts: countsSpans ? SpanCounts() : nil,
            exceptions: exceptions, contextAttributes: contextAttributes, instrumentation: instrumentation)
        self.limits = limits
        clock.renewedAnchor()
        registry = ScopeRegistry("tracer", configurator: configurator, isOff: isOff)
        backgroundSamplers = isOff ? [] : BackgroundSamplers.all(in: sampler)
        for sampler in backgroundSamplers { sampler.start(resource: resource, clock: clock) }
    }

    /// The tracer of a scope, always the same for the same scope. While telemetry is off, all scopes share one that does nothing.
    func tracer(_ scope: InstrumentationScope) -> Tracer {
        registry.member(of: scope) { Tracer($0, setup) }
    }

    /// Replaces the configurator and applies the new one to all tracers.
    func update(_ configurator: TracerConfigurator) { registry.update(configurator) }

    /// The health of each destination of each processor that exports.
    var health: [PipelineHealth] { pipelines.flatMap(\.health) }

    func forceFlush(deadline: Deadline) async -> FlushResult {
        await requests(isShutdown: false, deadline).waitWithoutBlocking()
    }

    func shutdown(deadline: Deadline) async -> FlushResult {
        await requests(isShutdown: true, deadline).waitWithoutBlocking()
    }

    /// Begins a flush, or the shutdown, of all processors.
    func requests(isShutdown: Bool, _ deadline: Deadline) -> [FlushRequest] {
        let processors = setup.processors.all
        guard isShutdown else { return ending.flush(deadline) { processors.requests(isShutdown: false, deadline) } }
        return ending.begin(deadline) {
            _ = registry.close()
            for sampler in backgroundSamplers { sampler.stop() }
            return processors.requests(isShutdown: true, deadline)
        }
    }
}
