// Starting spans: parents, propagated context, identifiers, evaluation of attributes.

import Testing

@testable import Telemetry

struct TracerTests {
    private let sampledParent = Context.root.with(spanContext: .madeUp(traceState: "a=1"))

    @Test func rootSpanStartsANewTraceAndChildContinuesIt() throws {
        let recording = Recording()
        let root = recording.tracer.startSpan("root", parent: .root)
        let child = recording.tracer.startSpan("child", parent: Context.root.with(span: root))
        let other = recording.tracer.startSpan("other", parent: .root)
        #expect(root.context.isValid && root.context.isSampled)
        #expect(child.context.traceID == root.context.traceID && child.context.spanID != root.context.spanID)
        #expect(other.context.traceID != root.context.traceID)
        child.end()
        root.end()
        #expect(recording.spans.map(\.parentSpanID) == [root.context.spanID, .invalid])
    }

    @Test func rootContextStartsANewTraceInsideASpan() throws {
        let recording = Recording()
        recording.tracer.withSpan("outer") { _ in
            recording.tracer.startSpan("started", parent: .root).end()
            recording.tracer.withSpan("scoped", parent: .root) { _ in }
            recording.tracer.startSpan("child").end()
        }
        let spans = Dictionary(recording.spans.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        let outer = try spans["outer"].unwrapped()
        for name in ["started", "scoped"] {
            let root = try spans[name].unwrapped()
            #expect(root.context.isValid && root.traceID != outer.traceID && !root.parentSpanID.isValid)
        }
        let child = try spans["child"].unwrapped()
        #expect(child.traceID == outer.traceID && child.parentSpanID == outer.spanID)
    }

    @Test func startingASpanDoesNotMakeItCurrent() {
        let recording = Recording()
        let before = Context.current.spanContext
        let span = recording.tracer.startSpan("work")
        #expect(Context.current.spanContext == before)
        span.end()
        #expect(Context.current.spanContext == before)
    }

    @Test func childOfARemoteParentIsLocalAndRecordsTheRemoteParent() throws {
        let recording = Recording()
        let span = recording.tracer.startSpan("work", parent: Context.root.with(spanContext: .madeUp(isRemote: true)))
        #expect(!span.context.isRemote)
        span.end()
        #expect(try recording.spans.first.unwrapped().hasRemoteParent)
        #expect(try recording.finished().hasRemoteParent == false)
    }

    @Test func randomFlagIsSetForNewTracesAndPropagatedInOthers() {
        let recording = Recording()
        #expect(recording.tracer.startSpan("root", parent: .root).context.flags == [.sampled, .random])
        #expect(recording.tracer.startSpan("child", parent: sampledParent).context.flags == .sampled)
        let random = SpanContext(traceID: TraceID(high: 1, low: 1), spanID: SpanID(1), flags: TraceFlags(rawValue: 0xFF))
        #expect(recording.tracer.startSpan("child", parent: Context.root.with(spanContext: random)).context.flags == [.sampled, .random])
        #expect(Recording(sampler: .alwaysOff).tracer.startSpan("root", parent: .root).context.flags == .random)
    }

    @Test(arguments: [true, false])
    func unsampledSpanPropagatesTraceTraceStateAndBaggage(isBuiltIn: Bool) throws {
        let sampler: any Sampler = isBuiltIn ? .alwaysOff : CustomSampler(.drop)
        let recording = Recording(sampler: .parentBased(sampler))
        let baggage = Baggage.empty.setting("user", to: "42")
        let unsampled = Context.root.with(spanContext: .madeUp(isSampled: false, traceState: "a=1,b=2")).with(baggage: baggage)
        recording.tracer.withSpan("outer", parent: unsampled) { outer in
            #expect(!outer.isRecording && !outer.context.isSampled && outer.context.isValid)
            #expect(outer.context.traceID == unsampled.spanContext.traceID)
            #expect(outer.context.spanID != unsampled.spanContext.spanID, "A dropped span too has an identifier of its own.")
            #expect(outer.context.traceState == unsampled.spanContext.traceState)
            #expect(Context.current.spanContext == outer.context)
            #expect(Context.current.baggage == baggage)
            let inner = recording.tracer.startSpan("inner")
            #expect(inner.context.traceID == outer.context.traceID && inner.context.traceState == outer.context.traceState)
            #expect(!inner.context.isSampled && !inner.isRecording)
            inner.end()
        }
        let root = recording.tracer.startSpan("root", parent: .root)
        #expect(root.context.isValid && !root.context.isSampled && !root.isRecording)
        #expect(recording.spans.isEmpty)
    }

    @Test func attributesOfADroppedSpanAreNotEvaluated() {
        let evaluated = Counter()
        func attributes() -> Attributes { ["n": AttributeValue(evaluated.next())] }
        let off = Recording(sampler: .alwaysOff)
        let span = off.tracer.startSpan("work", parent: .root, attributes())
        span.setAttributes(attributes())
        span.addEvent("event", attributes())
        span.addLink(.madeUp(), attributes())
        span.recordException(NothingThere(), attributes())
        off.tracer.withSpan("work", attributes()) { _ in }
        #expect(evaluated.count == 0)
        Recording().tracer.startSpan("work", parent: .root, attributes()).end()
        #expect(evaluated.count == 1)
    }

    @Test func sameScopeHasTheSameTracer() {
        let provider = Recording().provider
        let scope = InstrumentationScope(name: "a", version: "1", schemaURL: "u", attributes: ["x": 1])
        #expect(provider.tracer(scope) === provider.tracer(scope))
        let others = [
            InstrumentationScope(name: "b", version: "1", schemaURL: "u", attributes: ["x": 1]),
            InstrumentationScope(name: "a", version: "2", schemaURL: "u", attributes: ["x": 1]),
            InstrumentationScope(name: "a", version: "1", schemaURL: "v", attributes: ["x": 1]),
            InstrumentationScope(name: "a", version: "1", schemaURL: "u", attributes: ["x": 2]),
        ]
        for other in others {
            #expect(provider.tracer(other) !== provider.tracer(scope))
            #expect(provider.tracer(other).instrumentationScope == other)
        }
    }

    @Test func tracerWithAnEmptyNameWorks() throws {
        let recording = Recording()
        let tracer = recording.provider.tracer(InstrumentationScope(name: ""))
        tracer.startSpan("work", parent: .root).end()
        #expect(try recording.spans.first.unwrapped().instrumentationScope.name == "")
    }

    @Test func scopesBeyondTheLimitShareATracer() {
        let recording = Recording()
        var tracers: Set<ObjectIdentifier> = []
        for index in 0..<(ScopeRegistry<Tracer>.maximumMembers + 500) {
            tracers.insert(ObjectIdentifier(recording.provider.tracer(InstrumentationScope(name: "scope \(index)"))))
        }
        #expect(tracers.count <= ScopeRegistry<Tracer>.maximumMembers + 1)
        let shared = recording.provider.tracer(InstrumentationScope(name: "one more"))
        #expect(shared.instrumentationScope.name == "")
        shared.startSpan("work", parent: .root).end()
        #expect(recording.spans.count == 1)
        #expect(recording.provider.tracer(recording.tracer.instrumentationScope) === recording.tracer, "Known ones are still found.")
    }

    @Test func tracerIsEnabledWithAProcessorUntilShutdown() async {
        let recording = Recording()
        #expect(recording.tracer.isEnabled)
        _ = await recording.provider.shutdown(deadline: .after(.seconds(300)))
        #expect(!recording.tracer.isEnabled)
        #expect(!provider(isOff: false).tracer(InstrumentationScope(name: "tests")).isEnabled)
    }

    @Test(arguments: [true, false])
    func spanAfterShutdownPropagatesTheParentContext(isOldTracer: Bool) async {
        let recording = Recording()
        let open = recording.tracer.startSpan("open", parent: .root)
        _ = await recording.provider.shutdown(deadline: .after(.seconds(300)))
        let tracer = isOldTracer ? recording.tracer : recording.provider.tracer(InstrumentationScope(name: "new"))
        let baggage = Baggage.empty.setting("user", to: "42")
        tracer.withSpan("work", parent: sampledParent.with(baggage: baggage)) { span in
            #expect(span.context == sampledParent.spanContext && !span.isRecording)
            #expect(Context.current.baggage == baggage)
        }
        #expect(tracer.startSpan("root", parent: .root).context == .invalid)
        open.end()
        #expect(recording.spans.isEmpty)
    }

    private func provider(isOff: Bool, sampler: any Sampler = .parentBased(.alwaysOn)) -> TracerProvider {
        TracerProvider(
            resource: .empty, sampler: sampler, limits: SpanLimits(), processors: [], idGenerator: nil, clock: .system, isOff: isOff)
    }

    @Test func spanOfADisabledProviderPropagatesTheParentContext() {
        let tracer = provider(isOff: true).tracer(InstrumentationScope(name: "tests"))
        #expect(!tracer.isEnabled)
        let child = tracer.startSpan("work", parent: sampledParent)
        #expect(child.context == sampledParent.spanContext && !child.isRecording)
        #expect(tracer.startSpan("work", parent: .root).context == .invalid)
    }

    @Test func spansWithoutProcessorsAreSampledWithTheirOwnIdentifiers() {
        let tracer = provider(isOff: false).tracer(InstrumentationScope(name: "tests"))
        #expect(!tracer.isEnabled, "No processor sees its spans.")
        tracer.withSpan("root", parent: .root) { root in
            #expect(root.context.isValid && root.context.flags == [.sampled, .random])
            #expect(root.isRecording, "A sampled span is always recorded.")
            let child = tracer.startSpan("child")
            #expect(child.context.traceID == root.context.traceID && child.context.spanID != root.context.spanID)
            child.end()
            #expect(!child.isRecording)
        }
        let below = tracer.startSpan("work", parent: sampledParent)
        #expect(below.context.traceID == sampledParent.spanContext.traceID && below.context.isSampled)
        #expect(below.context.spanID != sampledParent.spanContext.spanID)
        #expect(below.context.traceState == sampledParent.spanContext.traceState)
        let unsampled = tracer.startSpan("work", parent: Context.root.with(spanContext: .madeUp(isSampled: false)))
        #expect(unsampled.context.isValid && !unsampled.context.isSampled && !unsampled.isRecording)
    }

    @Test func samplerAndConfiguratorApplyWithoutProcessors() async {
        let provider = provider(isOff: false, sampler: .alwaysOff)
        let tracer = provider.tracer(InstrumentationScope(name: "tests"))
        let root = tracer.startSpan("root", parent: .root)
        #expect(root.context.isValid && !root.context.isSampled && !root.isRecording)
        provider.update(.disabling("tests"))
        #expect(tracer.startSpan("work", parent: sampledParent).context == sampledParent.spanContext)
        provider.update(.enablingAll)
        #expect(tracer.startSpan("work", parent: sampledParent).context != sampledParent.spanContext)
        _ = await provider.shutdown(deadline: .after(.seconds(300)))
        #expect(tracer.startSpan("work", parent: sampledParent).context == sampledParent.spanContext)
    }
}

struct IDGeneratorTests {
    @Test func customGeneratorMakesAllIdentifiers() {
        let recording = Recording(idGenerator: CountingIDs())
        let root = recording.tracer.startSpan("root", parent: .root)
        #expect(root.context.traceID == TraceID(high: 0, low: 1) && root.context.spanID == SpanID(257))
        #expect(root.context.flags == .sampled, "Nothing says that these identifiers are random.")
        let child = recording.tracer.startSpan("child", parent: Context.root.with(span: root))
        #expect(child.context.traceID == root.context.traceID && child.context.spanID == SpanID(258))
        #expect(recording.tracer.startSpan("root", parent: .root).context.traceID == TraceID(high: 0, low: 2))
    }

    @Test func droppedSpanHasItsOwnIdentifierInTheSampledTrace() {
        let asked = Journal<TraceID>()
        let sampler = CustomSampler { request in
            asked.note(request.traceID)
            return SamplingDecision(.drop, traceState: .empty)
        }
        let recording = Recording(sampler: sampler, idGenerator: CountingIDs())
        let root = recording.tracer.startSpan("root", parent: .root)
        let child = recording.tracer.startSpan("child", parent: Context.root.with(span: root))
        #expect(root.context.traceID == TraceID(high: 0, low: 1) && root.context.spanID == SpanID(257))
        #expect(child.context.traceID == TraceID(high: 0, low: 1) && child.context.spanID == SpanID(258))
        #expect(asked.entries == [root.context.traceID, root.context.traceID])
    }

    /// Fails to make identifiers.
    private struct FailingIDs: IDGenerator {
        func traceID() -> TraceID { .invalid }
        func spanID() -> SpanID { .invalid }
    }

    @Test func invalidIdentifiersOfAGeneratorAreReplaced() {
        let recording = Recording(idGenerator: FailingIDs())
        let root = recording.tracer.startSpan("root", parent: .root)
        let child = recording.tracer.startSpan("child", parent: Context.root.with(span: root))
        #expect(root.context.isValid && child.context.isValid && child.context.traceID == root.context.traceID)
        #expect(root.context.flags == [.sampled, .random])
    }

    @Test func randomGeneratorSetsTheRandomFlag() {
        let recording = Recording(idGenerator: CountingIDs(makesRandomTraceIDs: true))
        #expect(recording.tracer.startSpan("root", parent: .root).context.flags == [.sampled, .random])
    }
}
