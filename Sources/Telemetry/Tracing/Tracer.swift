// Hot: starts spans.

import Synchronization

/// Starts the spans of one instrumentation scope. Get it from ``TelemetrySystem`` once and keep it.
public final class Tracer: Sendable, ScopeMember {
    static let livesForever = true

    /// The library or module whose operations the spans describe.
    public let instrumentationScope: InstrumentationScope
    private let processors: SpanProcessorList
    private let hasProcessors: Bool
    /// Never freed, as the tracer is not: spans refer to it without counting references.
    private let spanSetup: Unmanaged<SpanSetup>
    // A copy, since every span needs it: one memory access less.
    let clock: TelemetryClock
    /// True if there are processors that must be called, besides the direct pipeline.
    private let callsProcessors: Bool
    private let counts: SpanCounts?
    /// True if the end of a span must notify processors or counters.
    private let needsEndNotification: Bool
    /// Set by the registry: the provider runs, its configurator enables this tracer, and spans are not counted.
    private let isOn = Atomic(false)
    /// The same for spans that are counted. It is a flag of its own, so that a tracer that does not count checks one flag only.
    private let isCounting = Atomic(false)
    private let sampling: SamplingPlan
    private let random = RandomLanes.shared
    private let recorders = SpanRecorder.pool
    private let hasOwnIDs: Bool
    private let idGenerator: (any IDGenerator)?
    private let contextAttributes: ContextAttributeSelection
    /// What helpers use where a caller gives them nothing else.
    let instrumentation: InstrumentationSettings

    init(_ scope: InstrumentationScope, _ setup: TracerSetup) {
        instrumentationScope = scope
        processors = setup.processors
        hasProcessors = setup.hasProcessors
        spanSetup = .passRetained(setup.makeSpanSetup(scope))
        clock = setup.clock
        callsProcessors = !setup.processors.called.isEmpty
        counts = setup.counts
        needsEndNotification = callsProcessors || counts != nil
        sampling = setup.sampling
        idGenerator = setup.idGenerator
        hasOwnIDs = setup.idGenerator != nil
        contextAttributes = setup.contextAttributes
        instrumentation = setup.instrumentation
    }

    /// Whether a span started now could be kept: false with no processor, after shutdown, and when the ``TracerConfigurator``
    /// says so. It may change at any time. (Specification: trace API, "Enabled".)
    public var isEnabled: Bool { (isOn.load(ordering: .relaxed) || isCounting.load(ordering: .relaxed)) && hasProcessors }

    func apply(_ configuration: TracerConfiguration) {
        let isEnabled = configuration.isEnabled
        isOn.store(isEnabled && counts == nil, ordering: .relaxed)
        isCounting.store(isEnabled && counts != nil, ordering: .relaxed)
    }

    /// Starts a span without making it current; end it with ``TraceSpan/end(at:)``.
    ///
    /// - Parameters:
    ///   - name: names the kind of operation, with few different values.
    ///   - kind: the role of the span in the trace.
    ///   - parent: the context whose span is the parent; ``Context/root`` starts a new trace.
    ///   - attributes: what is known already; samplers see it. Not evaluated when the span is not recorded.
    ///   - links: spans that this one has to do with, besides the parent.
    ///   - startTime: when the operation began, if not now; recorded as it is.
    public func startSpan(
        _ name: String, kind: SpanKind = .internal, parent: Context = .current, _ attributes: @autoclosure () -> AttributeLiteral = [:],
        links: [SpanLink] = [], startTime: Timestamp? = nil
    ) -> TraceSpan {
        guard isOn.load(ordering: .relaxed) else {
            return isCounting.load(ordering: .relaxed)
                ? startCounted(name, kind, parent, { attributes().attributes }, links, startTime) : .nonRecording(parent.spanContext)
        }
        return start(name, kind, parent, { attributes().attributes }, links, startTime, counts: nil) { recorder in
            // Without attributes, the literal is empty here already: no array is counted.
            let elements = attributes().elements
            if !elements.isEmpty || !links.isEmpty { recordStart(recorder, Attributes(unchecked: elements), links) }
        }
    }

    /// Starts a span without making it current, with attributes of any convertible type.
    @_disfavoredOverload
    public func startSpan(
        _ name: String, kind: SpanKind = .internal, parent: Context = .current, _ attributes: @autoclosure () -> Attributes,
        links: [SpanLink] = [], startTime: Timestamp? = nil
    ) -> TraceSpan {
        guard isOn.load(ordering: .relaxed) || isCounting.load(ordering: .relaxed) else { return .nonRecording(parent.spanContext) }
        return startCounted(name, kind, parent, attributes, links, startTime)
    }

    /// Starts a span whose attributes the caller writes, without the collection of them that a sampler is shown.
    ///
    /// For a server span with ten attributes the collection takes four times the instructions of writing them.
    ///
    /// - Parameters:
    ///   - name: evaluated only if the span is recorded, or a sampler is asked.
    ///   - attributes: what a sampler is shown, and what is then recorded; evaluated only for a sampler.
    ///   - write: sets the same attributes; called for a recorded span unless a sampler was asked, before processors see the span.
    @inline(__always)
    func startSpan(
        _ name: @autoclosure () -> String, kind: SpanKind, parent: Context, startTime: Timestamp?,
        _ attributes: @autoclosure () -> Attributes, orWritten write: (SpanRecorder) -> Void
    ) -> TraceSpan {
        guard isOn.load(ordering: .relaxed) || isCounting.load(ordering: .relaxed) else { return .nonRecording(parent.spanContext) }
        return start(name(), kind, parent, attributes, [], startTime, counts: counts, write)
    }

    /// Starts a span at a time at which the wall clock was read, for callers that cannot leave the time out.
    ///
    /// Below a local span it is made a time of that span's trace, whatever the wall clock has been set to since the trace started.
    func startSpan(_ name: String, kind: SpanKind, parent: Context, readingOfWallClock reading: Timestamp) -> TraceSpan {
        guard isOn.load(ordering: .relaxed) || isCounting.load(ordering: .relaxed) else { return .nonRecording(parent.spanContext) }
        return startRead(name, kind, parent, reading)
    }

    @inline(never)
    private func startRead(_ name: String, _ kind: SpanKind, _ parent: Context, _ reading: Timestamp) -> TraceSpan {
        start(name, kind, parent, { [:] }, [], reading, isReading: true, counts: counts)
    }

    @inline(never)
    private func startCounted(
        _ name: String, _ kind: SpanKind, _ parent: Context, _ attributes: () -> Attributes, _ links: [SpanLink], _ startTime: Timestamp?
    ) -> TraceSpan {
        start(name, kind, parent, attributes, links, startTime, counts: counts)
    }

    @inline(__always)
    private func start(
        _ name: String, _ kind: SpanKind, _ parent: Context, _ attributes: () -> Attributes, _ links: [SpanLink], _ startTime: Timestamp?,
        isReading: Bool = false, counts: SpanCounts?
    ) -> TraceSpan {
        start(name, kind, parent, attributes, links, startTime, isReading: isReading, counts: counts) { recorder in
            let attributes = attributes()
            if !attributes.hasNoEntries || !links.isEmpty { recordStart(recorder, attributes, links) }
        }
    }

    /// - Parameters:
    ///   - isReading: true if the start time is the wall clock, read just now.
    ///   - counts: nil on the path without counting, so that a tracer that does not count pays nothing.
    ///   - write: records attributes and links; not called where a sampler was asked, which has seen them.
    @inline(__always)
    private func start(
        _ name: @autoclosure () -> String, _ kind: SpanKind, _ parent: Context, _ attributes: () -> Attributes, _ links: [SpanLink],
        _ startTime: Timestamp?, isReading: Bool = false, counts: SpanCounts?, _ write: (SpanRecorder) -> Void
    ) -> TraceSpan {
        let parentNode = parent.node.flatMap { $0.spanContext.isValid ? $0 : nil }
        let lane = random.currentLane
        let traceID: TraceID
        let spanID: SpanID
        let inheritedFlags: TraceFlags
        let verdict: SamplingPlan.Verdict
        if let parentNode {
            traceID = parentNode.spanContext.traceID
            spanID = hasOwnIDs ? ownSpanID() : SpanID(random.spanID(lane: lane))
            inheritedFlags = TraceFlags(rawValue: parentNode.spanContext.flags.rawValue & TraceFlags.random.rawValue)
            verdict = sampling.verdict(below: parentNode.spanContext)
        } else if parent.isSuppressed {
            // Checked only without a parent, since a suppressed context holds no span.
            return .nonRecording(.invalid)
        } else if hasOwnIDs {
            (traceID, spanID, inheritedFlags) = ownIDs()
            verdict = sampling.verdict(ofRoot: traceID, isPlain: inheritedFlags == .random && hasNoState(parent))
        } else {
            let numbers = random.traceAndSpanID(lane: lane)
            traceID = TraceID(high: numbers.high, low: numbers.low)
            spanID = SpanID(numbers.span)
            inheritedFlags = .random
            verdict = sampling.verdict(ofRoot: traceID, isPlain: hasNoState(parent))
        }
        let isSampled = verdict == .keep || verdict == .keepByProbability
        let flags = isSampled ? TraceFlags(rawValue: inheritedFlags.rawValue | TraceFlags.sampled.rawValue) : inheritedFlags
        /// Nil if it is empty, as most are: nothing is counted then.
        @inline(__always)
        func traceState() -> TraceState? {
            if verdict == .keepByProbability { return TraceState(validText: sampling.probabilityState) }
            return hasNoState(parent) ? nil : parent.node?.spanContext.traceState
        }
        // Made where it is used: a copy would count references to the text of the trace state.
        @inline(__always)
        func context() -> SpanContext {
            SpanContext(traceID: traceID, spanID: spanID, flags: flags, traceState: traceState() ?? .empty)
        }
        if let counts, verdict != .ask {
            counts.countStart(.of(parentNode), isSampled ? .recordAndSample : verdict == .drop ? .drop : .recordOnly, lane: lane)
        }
        if verdict == .drop { return .nonRecording(context()) }
        if verdict == .ask { return startByCallingSampler(context(), parent, name(), kind, attributes(), links, startTime, isReading) }
        let recorder = SpanRecorder.start(
            spanSetup, from: recorders, traceID: traceID, spanID: spanID, flags: flags, traceState: traceState(), parent: parentNode,
            kind: kind, name: name(), start: clock.spanStart(below: parentNode, at: startTime, isReading: isReading), lane: lane,
            needsEndNotification: needsEndNotification)
        write(recorder)
        if let extras = parent.node?.extras { recordContextAttributes(recorder, extras) }
        let span = TraceSpan(recorder)
        // Without counting the two are equal, and the first was just loaded for the recorder.
        if counts == nil ? needsEndNotification : callsProcessors { notifyStart(span, parent) }
        return span
    }

    /// A root may be given a trace state too: explicit randomness comes this way.
    @inline(__always)
    private func hasNoState(_ context: Context) -> Bool { context.node?.spanContext.traceState.isEmpty ?? true }

    @inline(never)
    private func ownSpanID() -> SpanID {
        // A failing generator must not lose the span.
        guard let made = idGenerator?.spanID(), made.isValid else { return SpanID(random.spanID(lane: random.currentLane)) }
        return made
    }

    @inline(never)
    private func ownIDs() -> (TraceID, SpanID, TraceFlags) {
        if let idGenerator {
            let traceID = idGenerator.traceID()
            if traceID.isValid { return (traceID, ownSpanID(), idGenerator.makesRandomTraceIDs ? .random : []) }
        }
        let numbers = random.traceAndSpanID(lane: random.currentLane)
        return (TraceID(high: numbers.high, low: numbers.low), SpanID(numbers.span), .random)
    }

    /// Records the attributes and links that the span was started with.
    @inline(never)
    private func recordStart(_ recorder: SpanRecorder, _ attributes: Attributes, _ links: [SpanLink]) {
        recorder.record { state, limits in
            attributes.forEachEntry { state.setAttribute($0, $1, limits) }
            for link in links { state.addLink(link.context, link.attributes, limits) }
        }
    }

    /// Records the attributes of the context whose keys the span does not have, after its own, so that a limit drops them first.
    @inline(never)
    private func recordContextAttributes(_ recorder: SpanRecorder, _ extras: ContextExtras) {
        guard let attributes = contextAttributes.attributes(of: extras) else { return }
        recorder.record { state, limits in
            attributes.forEachEntry { if !state.hasAttribute($0) { state.setAttribute($0, $1, limits) } }
        }
    }

    @inline(never)
    private func notifyStart(_ span: TraceSpan, _ parent: Context) {
        for processor in processors.called { processor.onStart(span, parent: parent) }
    }

    /// Calls the sampler: it is not built in, or it may warn or change the trace state.
    @inline(never)
    private func startByCallingSampler(
        _ context: SpanContext, _ parent: Context, _ name: String, _ kind: SpanKind, _ attributes: Attributes, _ links: [SpanLink],
        _ startTime: Timestamp?, _ isReading: Bool
    ) -> TraceSpan {
        let common = parent.node?.extras.flatMap { contextAttributes.attributes(of: $0) }
        let attributes = common.map { attributes.adding($0) } ?? attributes
        let request = SamplingRequest(
            parent: parent, traceID: context.traceID, name: name, kind: kind, attributes: attributes, links: links,
            hasRandomTraceID: context.flags.contains(.random))
        let decision = sampling.sampler.decision(for: request)
        let parentNode = parent.spanContext.isValid ? parent.node : nil
        let lane = random.currentLane
        counts?.countStart(.of(parentNode), .of(decision.verdict), lane: lane)
        let flags = decision.verdict == .recordAndSample ? context.flags.union(.sampled) : context.flags
        let traceState = decision.traceState ?? parent.spanContext.traceState
        let decided = SpanContext(traceID: context.traceID, spanID: context.spanID, flags: flags, traceState: traceState)
        guard decision.verdict != .drop else { return .nonRecording(decided) }
        let recorder = SpanRecorder.start(
            spanSetup, from: recorders, traceID: decided.traceID, spanID: decided.spanID, flags: flags,
            traceState: traceState.isEmpty ? nil : traceState, parent: parentNode, kind: kind, name: name,
            start: clock.spanStart(below: parentNode, at: startTime, isReading: isReading), lane: lane,
            needsEndNotification: needsEndNotification)
        if parentNode != nil && parent.spanContext.traceState != traceState {
            recorder.record { state, _ in state.parentTraceState = parent.spanContext.traceState }
        }
        recordStart(recorder, attributes.merging(decision.attributes), links)
        let span = TraceSpan(recorder)
        notifyStart(span, parent)
        return span
    }
}

extension SpanCounts.ParentOrigin {
    @inline(__always)
    fileprivate static func of(_ parent: ContextNode?) -> Self {
        guard let parent else { return .none }
        return parent.spanContext.isRemote ? .remote : .local
    }
}

extension SpanCounts.SamplingResult {
    fileprivate static func of(_ verdict: SamplingDecision.Verdict) -> Self {
        switch verdict {
        case .drop: .drop
        case .recordOnly: .recordOnly
        case .recordAndSample: .recordAndSample
        }
    }
}

/// The name of ``Tracer`` for files that import swift-distributed-tracing too, which has a type of that name.
public typealias TelemetryTracer = Tracer
