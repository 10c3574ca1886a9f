// The value that a provider gives to each of its tracers.

/// What all tracers of a provider share.
struct TracerSetup: Sendable {
    let resource: RecordedResource
    let sampling: SamplingPlan
    let limits: RecordingLimits
    let idGenerator: (any IDGenerator)?
    let clock: TelemetryClock
    let processors: SpanProcessorList
    /// Counts the spans; nil if metrics about telemetry itself are off.
    let counts: SpanCounts?
    /// How errors that leave the operations of spans are recorded.
    let exceptions: ExceptionRecording
    /// The attributes that spans get from their context.
    let contextAttributes: ContextAttributeSelection
    let instrumentation: InstrumentationSettings

    /// False without any processor. Spans are then still sampled and have identifiers of their own, so that services downstream and
    /// log records can be correlated.
    var hasProcessors: Bool { !processors.all.isEmpty }

    /// Makes the setup of a tracer's spans; called once a tracer, since its scope is never freed.
    func makeSpanSetup(_ scope: InstrumentationScope) -> SpanSetup {
        SpanSetup(
            scope: ScopeReference(immortal: RecordedScope(scope, resource: resource)), limits: limits, clock: clock,
            directPipeline: processors.directPipeline, observer: processors.called.isEmpty ? nil : processors, counts: counts,
            exceptions: exceptions, processors: processors)
    }
}
