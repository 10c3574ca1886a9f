// Owns what all tracers share: resource, sampler, limits, processors.

import Synchronization

/// Owns what the tracers of a system share, and hands the tracers out. Made by ``TelemetrySystem``.
final class TracerProvider: Sendable {
    private struct State {
        var tracers: [InstrumentationScope: Tracer] = [:]
        var isShutDown = false
    }

    /// Tracers live for ever, so there is an end to their number; further scopes share one without a name.
    static let maximumTracers = 10_000

    let recordedResource: RecordedResource
    let sampling: SamplingPlan
    let limits: SpanLimits
    let idGenerator: (any IDGenerator)?
    let clock: TelemetryClock
    /// All that were given, in order.
    private let allProcessors: [any SpanProcessor]
    /// Those that must be called: without the pipeline that spans are appended to directly.
    let processors: [any SpanProcessor]
    /// Kept alive by `allProcessors`, and with the tracers for ever.
    let onlyPipeline: Unmanaged<ExportPipeline>?
    private let backgroundSamplers: [any BackgroundSampler]
    private let isRunning: Atomic<Bool>
    private let state = Mutex(State())

    init(
        resource: Resource, sampler: any Sampler, limits: SpanLimits, processors: [any SpanProcessor], idGenerator: (any IDGenerator)?,
        clock: TelemetryClock
    ) {
        recordedResource = RecordedResource(resource)
        sampling = SamplingPlan(sampler)
        self.limits = limits
        self.idGenerator = idGenerator
        self.clock = clock
        allProcessors = processors
        if let index = processors.firstIndex(where: { $0 is any PipelineOwner }), let owner = processors[index] as? any PipelineOwner {
            onlyPipeline = .passUnretained(owner.pipeline)
            self.processors = Array(processors[..<index] + processors[(index + 1)...])
        } else {
            onlyPipeline = nil
            self.processors = processors
        }
        isRunning = Atomic(!processors.isEmpty)
        backgroundSamplers = processors.isEmpty ? [] : BackgroundSamplers.all(in: sampler)
        for sampler in backgroundSamplers { sampler.start(resource: resource, clock: clock) }
    }

    /// Whether spans are recorded at all: there is a processor and no shutdown.
    @inline(__always)
    var isEnabled: Bool { isRunning.load(ordering: .relaxed) }

    /// The tracer of a scope, always the same for the same scope.
    func tracer(_ scope: InstrumentationScope) -> Tracer {
        if scope.name.isEmpty {
            Diagnostics.report(.warning, topic: "tracer.name", "A tracer was asked for without a name; it works, its scope is empty.")
        }
        return state.withLock { state in
            if let known = state.tracers[scope] { return known }
            let isLast = state.tracers.count >= Self.maximumTracers
            let shared = InstrumentationScope(name: "")
            if isLast, let known = state.tracers[shared] { return known }
            let tracer = Tracer(isLast ? shared : scope, provider: self)
            // For ever: spans refer to their tracer without counting.
            _ = Unmanaged.passRetained(tracer)
            state.tracers[tracer.instrumentationScope] = tracer
            return tracer
        }
    }

    /// What became of the spans, for each destination of each processor that exports.
    var health: [PipelineHealth] { allProcessors.flatMap { ($0 as? any PipelineOwner)?.pipeline.health ?? [] } }

    func forceFlush(deadline: Deadline) async -> FlushResult {
        await withAllProcessors { await $0.forceFlush(deadline: deadline) }
    }

    func shutdown(deadline: Deadline) async -> FlushResult {
        let isFirst = state.withLock { state in
            defer { state.isShutDown = true }
            return !state.isShutDown
        }
        guard isFirst else { return .completed }
        isRunning.store(false, ordering: .sequentiallyConsistent)
        for sampler in backgroundSamplers { sampler.stop() }
        return await withAllProcessors { await $0.shutdown(deadline: deadline) }
    }

    /// Asks all processors at the same time: a slow one takes nothing from the others' time.
    private func withAllProcessors(_ ask: @escaping @Sendable (any SpanProcessor) async -> FlushResult) async -> FlushResult {
        await withTaskGroup(of: FlushResult.self) { group in
            for processor in allProcessors { group.addTask { await ask(processor) } }
            return await group.reduce(.completed) { $0.combined(with: $1) }
        }
    }
}
