// Hot: starts spans.

/// Starts the spans of one instrumentation scope. Get it from ``TelemetrySystem`` once and keep it.
public final class Tracer: Sendable {
    /// The library or module whose operations the spans describe.
    public let instrumentationScope: InstrumentationScope
    let provider: TracerProvider
    // What every span needs stands here and not behind the provider: one step less to memory.
    let scope: ScopeReference
    let limits: RecordingLimits
    let clock: TelemetryClock
    let onlyPipeline: Unmanaged<ExportPipeline>?
    let hasProcessors: Bool
    private let sampling: SamplingPlan
    private let random = RandomLanes.shared
    private let hasOwnIDs: Bool
    private let idGenerator: (any IDGenerator)?

    init(_ scope: InstrumentationScope, provider: TracerProvider) {
        instrumentationScope = scope
        self.provider = provider
        self.scope = ScopeReference(immortal: RecordedScope(scope, resource: provider.recordedResource))
        limits = RecordingLimits(provider.limits)
        clock = provider.clock
        onlyPipeline = provider.onlyPipeline
        hasProcessors = !provider.processors.isEmpty
        sampling = provider.sampling
        idGenerator = provider.idGenerator
        hasOwnIDs = provider.idGenerator != nil
    }

    /// Whether a span started now could be kept: false with no processor and after shutdown.
    public var isEnabled: Bool { provider.isEnabled }

    /// Starts a span without making it current; end it with ``TraceSpan/end(at:)``.
    ///
    /// - Parameters:
    ///   - name: names the kind of operation, with few different values.
    ///   - kind: the role of the span in the trace.
    ///   - parent: the context whose span is the parent; ``Context/root`` starts a new trace.
    ///   - attributes: what is known already; samplers see it. Not evaluated when the span is not recorded.
    ///   - links: spans that this one has to do with, besides the parent.
    ///   - startTime: when the operation began, if not now.
    public func startSpan(
        _ name: String, kind: SpanKind = .internal, parent: Context = .current, _ attributes: @autoclosure () -> Attributes = [:],
        links: [SpanLink] = [], startTime: Timestamp? = nil
    ) -> TraceSpan {
        guard provider.isEnabled else { return .nonRecording(parent.spanContext) }
        guard let parentNode = parent.node, parentNode.spanContext.isValid else {
            return startRoot(name, kind, parent, attributes, links, startTime)
        }
        let parentContext = parentNode.spanContext
        let traceID = parentContext.traceID
        let spanID = hasOwnIDs ? ownSpanID() : SpanID(random.spanID())
        let flags = TraceFlags(rawValue: parentContext.flags.rawValue & TraceFlags.random.rawValue)
        switch sampling.verdict(belowParent: parentContext, traceID: traceID) {
        case .drop:
            return .nonRecording(SpanContext(traceID: traceID, spanID: spanID, flags: flags, traceState: parentContext.traceState))
        case .keep:
            let context = SpanContext(
                traceID: traceID, spanID: spanID, flags: flags.union(.sampled), traceState: parentContext.traceState)
            return record(context, parentContext, parent, name, kind, attributes, links, startTime)
        case .ask:
            let context = SpanContext(traceID: traceID, spanID: spanID, flags: flags, traceState: parentContext.traceState)
            return ask(context, parentContext, parent, name, kind, attributes(), links, startTime)
        }
    }

    @inline(__always)
    private func startRoot(
        _ name: String, _ kind: SpanKind, _ parent: Context, _ attributes: () -> Attributes, _ links: [SpanLink], _ startTime: Timestamp?
    ) -> TraceSpan {
        let traceID: TraceID
        let spanID: SpanID
        var flags: TraceFlags
        if hasOwnIDs {
            (traceID, spanID, flags) = ownIDs()
        } else {
            let numbers = random.traceAndSpanID()
            traceID = TraceID(high: numbers.high, low: numbers.low)
            spanID = SpanID(numbers.span)
            flags = .random
        }
        switch sampling.verdict(ofRoot: traceID) {
        case .drop: return .nonRecording(SpanContext(traceID: traceID, spanID: spanID, flags: flags))
        case .keep:
            flags.insert(.sampled)
            let context = SpanContext(traceID: traceID, spanID: spanID, flags: flags)
            return record(context, .invalid, parent, name, kind, attributes, links, startTime)
        case .ask:
            let context = SpanContext(traceID: traceID, spanID: spanID, flags: flags)
            return ask(context, .invalid, parent, name, kind, attributes(), links, startTime)
        }
    }

    @inline(never)
    private func ownSpanID() -> SpanID { idGenerator?.spanID() ?? .invalid }

    @inline(never)
    private func ownIDs() -> (TraceID, SpanID, TraceFlags) {
        guard let idGenerator else { return (.invalid, .invalid, []) }
        return (idGenerator.traceID(), idGenerator.spanID(), idGenerator.makesRandomTraceIDs ? .random : [])
    }

    /// Asks a sampler that is not built in, or one that has something to say.
    @inline(never)
    private func ask(
        _ context: SpanContext, _ parentContext: SpanContext, _ parent: Context, _ name: String, _ kind: SpanKind,
        _ attributes: Attributes, _ links: [SpanLink], _ startTime: Timestamp?
    ) -> TraceSpan {
        let request = SamplingRequest(
            parent: parent, traceID: context.traceID, name: name, kind: kind, attributes: attributes, links: links)
        let decision = sampling.sampler.decision(for: request)
        let flags = decision.verdict == .recordAndSample ? context.flags.union(.sampled) : context.flags
        let decided = SpanContext(traceID: context.traceID, spanID: context.spanID, flags: flags, traceState: decision.traceState)
        guard decision.verdict != .drop else { return .nonRecording(decided) }
        return record(decided, parentContext, parent, name, kind, { attributes.merging(decision.attributes) }, links, startTime)
    }

    @inline(__always)
    private func record(
        _ context: SpanContext, _ parentContext: SpanContext, _ parent: Context, _ name: String, _ kind: SpanKind,
        _ attributes: () -> Attributes, _ links: [SpanLink], _ startTime: Timestamp?
    ) -> TraceSpan {
        let recorder = SpanRecorder(
            tracer: self, spanContext: context, parent: parentContext, kind: kind, name: name,
            startNanoseconds: startTime?.nanosecondsSinceEpoch ?? clock.wallNanoseconds(), extras: parent.node?.extras)
        let attributes = attributes()
        if !attributes.hasNoEntries || !links.isEmpty {
            recorder.record { state, limits in
                attributes.forEachEntry { state.setAttribute($0, $1, limits) }
                for link in links { state.addLink(link.context, link.attributes, limits) }
            }
        }
        let span = TraceSpan(context: context, recorder: recorder)
        if hasProcessors { for processor in provider.processors { processor.onStart(span, parent: parent) } }
        return span
    }
}
