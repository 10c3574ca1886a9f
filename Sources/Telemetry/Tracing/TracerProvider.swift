// Owns what all tracers share: resource, sampler, limits, processors.

import Synchronization

/// Owns what the tracers of a system share, and hands the tracers out. Made by ``TelemetrySystem``.
final class TracerProvider: Sendable {
    private struct State {
        var tracers: [InstrumentationScope: Tracer] = [:]
        var configurator: TracerConfigurator
        /// How often the configurator was replaced: what an earlier one has said does not count any more.
        var generation = 0
        var isRunning: Bool
        var isShutDown = false
    }

    /// Tracers live for ever, so there is an end to their number; further scopes share one without a name.
    static let maximumTracers = 10_000
    private static let sharedScope = InstrumentationScope(name: "")

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
    private let backgroundSamplers: [any BackgroundSampler]
    private let state: Mutex<State>

    /// - Parameters:
    ///   - isOff: whether spans are not even started, and hand on the context of their parent: telemetry was switched off, or never
    ///     started.
    ///   - countsSpans: whether spans are counted, for metrics about telemetry itself.
    init(
        resource: Resource, sampler: any Sampler, limits: SpanLimits, processors: [any SpanProcessor], idGenerator: (any IDGenerator)?,
        clock: TelemetryClock, configurator: TracerConfigurator = .enablingAll, isOff: Bool = false,
        countsSpans: Bool = false
    ) {
        recordedResource = RecordedResource(resource)
        sampling = SamplingPlan(sampler)
        self.limits = limits
        self.idGenerator = idGenerator
        self.clock = clock
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
        state = Mutex(State(configurator: configurator, isRunning: !isOff))
        backgroundSamplers = isOff ? [] : BackgroundSamplers.all(in: sampler)
        for sampler in backgroundSamplers { sampler.start(resource: resource, clock: clock) }
    }

    /// The tracer of a scope, always the same for the same scope; one that does nothing, for all scopes, when telemetry is off.
    func tracer(_ scope: InstrumentationScope) -> Tracer {
        if scope.name.isEmpty, state.withLock({ $0.isRunning }) {
            Diagnostics.report(
                .warning, topic: "tracer.name.\(scope.version)",
                "A tracer was asked for without a name (version: \"\(scope.version)\"); it works, its scope has none.")
        }
        while true {
            let (scope, known, configurator, generation) = state.withLock { state in
                if let known = state.tracers[scope] { return (scope, Optional(known), state.configurator, state.generation) }
                let isOneTooMany = state.tracers.count >= Self.maximumTracers || !state.isRunning
                let scope = isOneTooMany ? Self.sharedScope : scope
                return (scope, state.tracers[scope], state.configurator, state.generation)
            }
            if let known { return known }
            // Asked outside of the lock, since it is the user's code.
            let isEnabled = configurator.configuration(of: scope).isEnabled
            if let tracer = make(scope, isEnabled, generation) { return tracer }
        }
    }

    /// A new tracer, or the one that was made meanwhile; nil when the configurator was replaced or the room taken meanwhile.
    private func make(_ scope: InstrumentationScope, _ isEnabled: Bool, _ generation: Int) -> Tracer? {
        state.withLock { state in
            if let known = state.tracers[scope] { return known }
            guard state.generation == generation, state.tracers.count < Self.maximumTracers || scope == Self.sharedScope else { return nil }
            let tracer = Tracer(scope, provider: self)
            tracer.setEnabled(isEnabled && state.isRunning)
            // For ever: spans refer to their tracer without counting.
            _ = Unmanaged.passRetained(tracer)
            state.tracers[scope] = tracer
            return tracer
        }
    }

    /// Replaces the configurator, and asks it about all tracers that there are.
    func update(_ configurator: TracerConfigurator) {
        let (generation, tracers) = state.withLock { state in
            state.configurator = configurator
            state.generation += 1
            return (state.generation, Array(state.tracers.values))
        }
        for tracer in tracers {
            let isEnabled = configurator.configuration(of: tracer.instrumentationScope).isEnabled
            state.withLock { state in
                if state.generation == generation { tracer.setEnabled(isEnabled && state.isRunning) }
            }
        }
    }

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

    /// Begins a flush, or the shutdown, of all processors; none after a shutdown.
    func requests(isShutdown: Bool, _ deadline: Deadline) -> [FlushRequest] {
        guard isShutdown else { return allProcessors.requests(isShutdown: false, deadline) }
        let isFirst = state.withLock { state in
            defer { state.isShutDown = true }
            state.isRunning = false
            for tracer in state.tracers.values { tracer.setEnabled(false) }
            return !state.isShutDown
        }
        guard isFirst else { return [] }
        for sampler in backgroundSamplers { sampler.stop() }
        return allProcessors.requests(isShutdown: true, deadline)
    }
}

extension [any SpanProcessor] {
    /// Asks all processors at the same time, each on a thread of its own or of its pipeline: a slow one takes nothing from the
    /// others' time, and it works while every thread of the cooperative pool is blocked.
    func requests(isShutdown: Bool, _ deadline: Deadline) -> [FlushRequest] {
        map { processor in
            if let owner = processor as? any PipelineOwner { return owner.pipeline.request(isShutdown: isShutdown, deadline) }
            return .running(isShutdown: isShutdown, deadline: deadline) {
                isShutdown ? await processor.shutdown(deadline: deadline) : await processor.forceFlush(deadline: deadline)
            }
        }
    }

    /// Ends processors that are not used after all, so that none of their threads stays; nobody waits for it.
    func retire() { _ = requests(isShutdown: true, .after(.seconds(5))) }
}
