// Tracers are switched on and off by their scopes, when they are made and whenever the configurator is replaced.

import Synchronization
import Testing

@testable import Telemetry

struct TracerConfiguratorTests {
    private static func provider(_ configurator: TracerConfigurator, _ memory: InMemorySpanExporter = InMemorySpanExporter())
        -> TracerProvider
    {
        TracerProvider(
            resource: .empty, sampler: .alwaysOn, limits: SpanLimits(), processors: [memory], idGenerator: nil, clock: .system,
            configurator: configurator)
    }

    private static func scope(_ name: String) -> InstrumentationScope { InstrumentationScope(name: name, version: "1") }

    @Test func configuratorIsCalledOncePerTracer() {
        let asked = Journal<InstrumentationScope>()
        let provider = Self.provider(
            TracerConfigurator { scope in
                asked.note(scope)
                return scope.name == "b" ? TracerConfiguration(isEnabled: false) : nil
            })
        let (a, b) = (provider.tracer(Self.scope("a")), provider.tracer(Self.scope("b")))
        #expect(provider.tracer(Self.scope("a")) === a && provider.tracer(Self.scope("b")) === b)
        #expect(asked.entries == [Self.scope("a"), Self.scope("b")])
        #expect(a.isEnabled && !b.isEnabled, "Without a word of the configurator a tracer is enabled.")
    }

    @Test func disabledTracerPropagatesTheParentContext() {
        let memory = InMemorySpanExporter()
        let tracer = Self.provider(.disabling("noisy"), memory).tracer(Self.scope("noisy"))
        let evaluated = Counter()
        let parent = Context.root.with(spanContext: .madeUp(traceState: "a=1")).with(baggage: Baggage.empty.setting("user", to: "42"))
        tracer.withSpan("work", parent: parent, ["n": AttributeValue(evaluated.next())]) { span in
            #expect(span.context == parent.spanContext && !span.isRecording)
            #expect(Context.current.baggage == parent.baggage)
        }
        #expect(tracer.startSpan("root", parent: .root).context == .invalid)
        #expect(memory.finishedSpans.isEmpty && evaluated.count == 0)
    }

    @Test func newConfiguratorAppliesToExistingTracers() {
        let memory = InMemorySpanExporter()
        let provider = Self.provider(.enablingAll, memory)
        let (a, b) = (provider.tracer(Self.scope("a")), provider.tracer(Self.scope("b")))
        let open = b.startSpan("open", parent: .root)
        provider.update(.enablingOnly("a"))
        #expect(a.isEnabled && !b.isEnabled && !provider.tracer(Self.scope("c")).isEnabled)
        b.startSpan("not recorded", parent: .root).end()
        a.startSpan("recorded", parent: .root).end()
        open.end()
        #expect(memory.finishedSpans.map(\.name) == ["recorded", "open"], "A span that is open goes on.")
        provider.update(.disabling("a"))
        #expect(!a.isEnabled && b.isEnabled && provider.tracer(Self.scope("c")).isEnabled)
    }

    @Test func configuratorDoesNotEnableATracerAfterShutdownOrWithoutProcessors() async {
        let provider = Self.provider(.enablingAll)
        let tracer = provider.tracer(Self.scope("a"))
        _ = await provider.shutdown(deadline: .after(.seconds(300)))
        provider.update(.enablingAll)
        #expect(!tracer.isEnabled && !provider.tracer(Self.scope("b")).isEnabled)
        let idle = TracerProvider(
            resource: .empty, sampler: .alwaysOn, limits: SpanLimits(), processors: [], idGenerator: nil, clock: .system)
        idle.update(.enablingAll)
        #expect(!idle.tracer(Self.scope("a")).isEnabled)
    }

    @Test func scopeNamesMatchWildcards() {
        let provider = Self.provider(.disabling("http.*", "db.?"))
        let enabled = ["http", "http.client", "db.1", "db.10", "DB.1"].map { provider.tracer(Self.scope($0)).isEnabled }
        #expect(enabled == [true, false, false, true, true])
    }

    @Test func configuratorMayRequestTracers() {
        let provider = Mutex<TracerProvider?>(nil)
        let configurator = TracerConfigurator { scope in
            if scope.name == "outer" { _ = provider.withLock { $0 }?.tracer(Self.scope("inner")) }
            return nil
        }
        let made = Self.provider(configurator)
        provider.withLock { $0 = made }
        #expect(made.tracer(Self.scope("outer")).isEnabled)
        made.update(configurator)
        #expect(made.tracer(Self.scope("inner")).isEnabled)
    }

    @Test func lastConfiguratorAppliesToTracersMadeConcurrently() async {
        let provider = Self.provider(.enablingAll)
        let tracers = Journal<Tracer>()
        await withTaskGroup(of: Void.self) { group in
            for worker in 0..<4 {
                group.addTask {
                    for index in 0..<200 { tracers.note(provider.tracer(Self.scope("\(worker).\(index)"))) }
                }
            }
            group.addTask {
                for round in 0..<50 { provider.update(round.isMultiple(of: 2) ? .disabling("*") : .enablingAll) }
                provider.update(.disabling("*"))
            }
        }
        #expect(tracers.entries.count == 800 && tracers.entries.allSatisfy { !$0.isEnabled })
    }
}
