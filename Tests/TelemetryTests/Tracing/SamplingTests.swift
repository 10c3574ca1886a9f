// Which spans are kept.

import Synchronization
import Testing

@testable import Telemetry

@Suite struct SamplingTests {
    private static func context(sampled: Bool, remote: Bool) -> Context {
        Context.root.with(
            spanContext: SpanContext(
                traceID: TraceID(high: 7, low: 8), spanID: SpanID(9), flags: sampled ? .sampled : [], isRemote: remote))
    }

    @Test(arguments: [(true, true), (true, false), (false, true), (false, false)])
    func aParentBasedSamplerFollowsTheParent(sampled: Bool, remote: Bool) {
        let recording = Recording(sampler: .parentBased(.alwaysOff))
        let span = recording.tracer.startSpan("x", parent: Self.context(sampled: sampled, remote: remote))
        #expect(span.isRecording == sampled)
        #expect(span.context.isSampled == sampled)
        #expect(!recording.tracer.startSpan("root", parent: .root).isRecording)
    }

    @Test(arguments: [(true, true), (true, false), (false, true), (false, false)])
    func eachKindOfParentHasADelegateOfItsOwn(sampled: Bool, remote: Bool) {
        let on = AlwaysOnSampler()
        let off = AlwaysOffSampler()
        func pick(_ wanted: Bool) -> any Sampler { wanted ? on : off }
        let sampler = ParentBasedSampler(
            root: off, remoteParentSampled: pick(remote && sampled), remoteParentNotSampled: pick(remote && !sampled),
            localParentSampled: pick(!remote && sampled), localParentNotSampled: pick(!remote && !sampled))
        let recording = Recording(sampler: sampler)
        for (otherSampled, otherRemote) in [(true, true), (true, false), (false, true), (false, false)] {
            let parent = Self.context(sampled: otherSampled, remote: otherRemote)
            let isKept = recording.tracer.startSpan("x", parent: parent).isRecording
            #expect(isKept == (otherSampled == sampled && otherRemote == remote))
        }
    }

    /// The decision of the Java, Go and Python SDKs: the last 63 bits of the identifier below share · 2⁶³.
    @Test(arguments: [
        ("00000000000000000000000000000000", 0.0, false), ("00000000000000000000000000000001", 0.5, true),
        ("ffffffffffffffff0000000000000000", 0.0001, true), ("00000000000000007fffffffffffffff", 0.5, true),
        ("00000000000000008000000000000000", 0.5, false), ("0000000000000000fffffffffffffffe", 1.0, true),
        ("0000000000000000ffffffffffffffff", 1.0, true), ("0000000000000000ffffffffffffffff", 0.999999, false),
        ("4bf92f3577b34da6a3ce929d0e0e4736", 0.64, true), ("4bf92f3577b34da6a3ce929d0e0e4736", 0.63, false),
    ])
    func aRatioSamplerDecidesOnTheIdentifier(id: String, share: Double, expected: Bool) throws {
        #expect(RatioSampler(share: share).keeps(try #require(TraceID(hexadecimal: id))) == expected)
    }

    @Test func aLargerShareKeepsAllThatASmallerOneKeeps() {
        let shares = [0.01, 0.1, 0.25, 0.5, 0.9, 1].map { RatioSampler(share: $0) }
        var kept = [Int](repeating: 0, count: shares.count)
        for _ in 0..<20_000 {
            let numbers = RandomLanes.shared.traceAndSpanID(lane: 0)
            let decisions = shares.map { $0.keeps(TraceID(high: numbers.high, low: numbers.low)) }
            for index in decisions.indices {
                kept[index] += decisions[index] ? 1 : 0
                if index > 0 && decisions[index - 1] { #expect(decisions[index]) }
            }
        }
        #expect((4_500...5_500).contains(kept[2]))
        #expect(kept[5] == 20_000)
    }

    @Test func descriptionsAreThoseOfTheSpecification() {
        #expect(AlwaysOnSampler().description == "AlwaysOnSampler")
        #expect(AlwaysOffSampler().description == "AlwaysOffSampler")
        #expect(RatioSampler(share: 0.25).description == "TraceIdRatioBased{0.25}")
        #expect(ParentBasedSampler(root: .alwaysOn).description.hasPrefix("ParentBased{root:AlwaysOnSampler,"))
    }

    private struct Recorder: SpanProcessor {
        let names: Names

        final class Names: Sendable {
            let started = Mutex<[String]>([])
            let ended = Mutex<[String]>([])
        }

        func onStart(_ span: TraceSpan, parent: Context) {
            span["by.processor"] = true
            names.started.withLock { $0.append("\(span.context.isSampled)") }
        }

        func onEnd(_ span: FinishedSpan) { names.ended.withLock { $0.append(span.name) } }
    }

    private struct Custom: Sampler {
        let seen: Seen
        final class Seen: Sendable {
            let requests = Mutex<[SamplingRequest]>([])
        }
        let verdict: SamplingDecision.Verdict
        var description: String { "Custom" }

        func decision(for request: borrowing SamplingRequest) -> SamplingDecision {
            let copy = SamplingRequest(
                parent: request.parent, traceID: request.traceID, name: request.name, kind: request.kind, attributes: request.attributes,
                links: request.links)
            seen.requests.withLock { $0.append(copy) }
            return SamplingDecision(
                verdict, attributes: ["sampler": "yes", "given": "beaten"], traceState: TraceState(headerValue: "ot=th:8") ?? .empty)
        }
    }

    @Test func aSamplerSeesTheWholeRequestAndAddsToTheSpan() throws {
        let sampler = Custom(seen: Custom.Seen(), verdict: .recordAndSample)
        let recording = Recording(sampler: sampler)
        let link = SpanLink(SpanContext(traceID: TraceID(high: 1, low: 1), spanID: SpanID(1)))
        let parent = Self.context(sampled: false, remote: true)
        recording.tracer.startSpan("asked", kind: .consumer, parent: parent, ["given": "mine"], links: [link]).end()
        let request = try #require(sampler.seen.requests.withLock { $0.first })
        #expect(request.name == "asked" && request.kind == .consumer && request.links == [link])
        #expect(request.traceID == parent.spanContext.traceID && request.attributes == ["given": "mine"])
        let span = try #require(recording.spans.first)
        #expect(span.attributes == ["given": "beaten", "sampler": "yes"])
        #expect(span.context.traceState.headerValue == "ot=th:8")
    }

    @Test func aSpanThatIsOnlyRecordedReachesProcessorsAndNoExporter() async throws {
        let memory = InMemorySpanExporter()
        let recorder = Recorder(names: Recorder.Names())
        let provider = TracerProvider(
            resource: .empty, sampler: Custom(seen: Custom.Seen(), verdict: .recordOnly), limits: SpanLimits(),
            processors: [recorder, BatchSpanProcessor(memory, options: BatchOptions())], idGenerator: nil, clock: .system)
        let span = provider.tracer(InstrumentationScope(name: "x")).startSpan("recorded", parent: .root)
        #expect(span.isRecording && !span.context.isSampled)
        span.end()
        #expect(await provider.forceFlush(deadline: .after(.seconds(60))) == .completed)
        #expect(recorder.names.started.withLock { $0 } == ["false"])
        #expect(recorder.names.ended.withLock { $0 } == ["recorded"])
        #expect(memory.finishedSpans.isEmpty)
    }

    @Test func aDroppedSpanStillGetsAnIdentifierOfItsOwn() {
        let recording = Recording(sampler: Custom(seen: Custom.Seen(), verdict: .drop))
        let first = recording.tracer.startSpan("a", parent: Self.context(sampled: true, remote: true)).context
        let second = recording.tracer.startSpan("b", parent: Self.context(sampled: true, remote: true)).context
        #expect(first.spanID != second.spanID && first.spanID.isValid && !first.isSampled)
        #expect(first.traceState.headerValue == "ot=th:8")
    }
}
