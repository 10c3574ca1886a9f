// The span counters of metrics about telemetry itself.

import Testing

@testable import Telemetry

struct SpanCountsTests {
    private static func provider(
        _ sampler: any Sampler = .parentBased(.alwaysOn), processors: [any SpanProcessor] = [], countsSpans: Bool = true
    ) -> TracerProvider {
        TracerProvider(
            resource: .empty, sampler: sampler, limits: SpanLimits(), processors: processors, idGenerator: nil, clock: .system,
            countsSpans: countsSpans)
    }

    private static func tracer(of provider: TracerProvider) -> Tracer { provider.tracer(InstrumentationScope(name: "tests")) }

    @Test func startedSpansAreCountedByParentOriginAndSamplingResult() throws {
        let provider = Self.provider()
        let (tracer, counts) = (Self.tracer(of: provider), try #require(provider.spanCounts))
        func start(_ parent: Context, times: Int) { for _ in 0..<times { tracer.startSpan("x", parent: parent).end() } }
        start(.root, times: 1)
        start(Context.root.with(spanContext: .madeUp()), times: 2)
        start(Context.root.with(spanContext: .madeUp(isRemote: true)), times: 3)
        start(Context.root.with(spanContext: .madeUp(isSampled: false)), times: 4)
        start(Context.root.with(spanContext: .madeUp(isSampled: false, isRemote: true)), times: 5)
        #expect(SpanCounts.ParentOrigin.allCases.map { counts.started($0, .recordAndSample) } == [1, 2, 3])
        #expect(SpanCounts.ParentOrigin.allCases.map { counts.started($0, .drop) } == [0, 4, 5])
        #expect(SpanCounts.ParentOrigin.allCases.map { counts.started($0, .recordOnly) } == [0, 0, 0])
    }

    @Test(arguments: [true, false])
    func recordedSpansAreLiveUntilTheirFirstEnd(hasProcessor: Bool) throws {
        let provider = Self.provider(
            CustomSampler { request in
                let verdict: SamplingDecision.Verdict =
                    request.name == "dropped" ? .drop : request.name == "recorded" ? .recordOnly : .recordAndSample
                return SamplingDecision(verdict, traceState: .empty)
            }, processors: hasProcessor ? [InMemorySpanExporter()] : [])
        let (tracer, counts) = (Self.tracer(of: provider), try #require(provider.spanCounts))
        let spans = ["dropped", "recorded", "recorded", "sampled"].map { tracer.startSpan($0, parent: .root) }
        #expect(SpanCounts.SamplingResult.allCases.map { counts.live($0) } == [0, 2, 1])
        for span in spans { span.end() }
        for span in spans { span.end() }
        #expect(SpanCounts.SamplingResult.allCases.map { counts.live($0) } == [0, 0, 0])
        #expect(SpanCounts.SamplingResult.allCases.map { counts.started(.none, $0) } == [1, 2, 1])
    }

    @Test func suppressedAndDisabledSpansAreNotCounted() async throws {
        let provider = Self.provider(processors: [InMemorySpanExporter()])
        let (tracer, counts) = (Self.tracer(of: provider), try #require(provider.spanCounts))
        tracer.startSpan("x", parent: Context.root.suppressed).end()
        provider.update(.disabling("tests"))
        #expect(!tracer.isEnabled)
        tracer.startSpan("x", parent: .root).end()
        provider.update(.enablingAll)
        #expect(tracer.isEnabled)
        tracer.startSpan("x", parent: .root).end()
        let open = tracer.startSpan("x", parent: .root)
        _ = await provider.shutdown(deadline: .after(.seconds(60)))
        tracer.startSpan("x", parent: .root).end()
        #expect(counts.started(.none, .recordAndSample) == 2 && counts.live(.recordAndSample) == 1)
        open.end()
        #expect(counts.live(.recordAndSample) == 0)
        #expect(Self.provider(countsSpans: false).spanCounts == nil)
    }

    @Test func countsAreExactUnderContention() async throws {
        let exporter = ProbeExporter()
        let provider = Self.provider(processors: [BatchSpanProcessor(exporter, options: BatchOptions(maxQueueSize: 8192))])
        let (tracer, counts) = (Self.tracer(of: provider), try #require(provider.spanCounts))
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    for _ in 0..<500 { tracer.withSpan("outer", parent: .root) { _ in tracer.startSpan("inner").end() } }
                }
            }
        }
        #expect(counts.started(.none, .recordAndSample) == 2000 && counts.started(.local, .recordAndSample) == 2000)
        #expect(counts.live(.recordAndSample) == 0)
        #expect(await provider.shutdown(deadline: .after(.seconds(60))) == .completed)
        #expect(exporter.names.count == 4000, "Counting changes nothing else.")
    }
}
