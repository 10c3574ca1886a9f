// Which traces are kept, and what a sampler sees and says.

import Testing

@testable import Telemetry

@Suite struct SamplerTests {
    @Test func descriptionsAreTheSpecifications() {
        #expect(AlwaysOnSampler().description == "AlwaysOnSampler")
        #expect(AlwaysOffSampler().description == "AlwaysOffSampler")
        #expect(RatioSampler(share: 0.25).description == "TraceIdRatioBased{0.25}")
        #expect(RatioSampler(share: 0.0001).description == "TraceIdRatioBased{0.0001}")
        let parentBased = ParentBasedSampler(root: .ratio(0.5), localParentSampled: .alwaysOff)
        #expect(
            parentBased.description
                == "ParentBased{root:TraceIdRatioBased{0.5},remoteParentSampled:AlwaysOnSampler,remoteParentNotSampled:AlwaysOffSampler,"
                + "localParentSampled:AlwaysOffSampler,localParentNotSampled:AlwaysOffSampler}")
    }

    @Test func aSamplerSeesContextTraceNameKindAttributesAndLinks() throws {
        let seen = Journal<SamplingRequest>()
        let sampler = CustomSampler { request in
            seen.note(copy request)
            return SamplingDecision(.recordAndSample, traceState: .empty)
        }
        let recording = Recording(sampler: sampler)
        let baggage = Baggage.empty.setting("user", to: "42")
        let parent = Context.root.with(spanContext: .madeUp()).with(baggage: baggage)
        let link = SpanLink(.madeUp(), ["l": 1])
        _ = recording.tracer.startSpan("work", kind: .producer, parent: parent, ["a": 1], links: [link])
        let root = recording.tracer.startSpan("root", parent: .root)
        let request = try seen.entries.first.unwrapped()
        #expect(request.parent.spanContext == parent.spanContext && request.parent.baggage == baggage)
        #expect(request.traceID == parent.spanContext.traceID)
        #expect(request.name == "work" && request.kind == .producer && request.attributes == ["a": 1] && request.links == [link])
        let second = try seen.entries.last.unwrapped()
        #expect(second.traceID == root.context.traceID && second.traceID.isValid, "The new trace identifier is made before.")
        #expect(second.parent.spanContext == .invalid && second.kind == .internal && second.links.isEmpty)
    }

    @Test func theSamplersTraceStateReplacesTheParentsAndItsAttributesAreAdded() throws {
        let state = try TraceState(headerValue: "own=1").unwrapped()
        let adds = Recording(
            sampler: CustomSampler { _ in SamplingDecision(.recordAndSample, attributes: ["by": "sampler"], traceState: state) })
        let span = adds.tracer.startSpan(
            "work", parent: Context.root.with(spanContext: .madeUp(traceState: "a=1")), ["by": "user", "a": 1])
        #expect(span.context.traceState == state)
        span.end()
        let finished = try adds.spans.first.unwrapped()
        #expect(finished.context.traceState == state)
        #expect(finished.attributes["a"] == 1 && finished.attributes["by"] == "sampler")
        let clears = Recording(sampler: CustomSampler { _ in SamplingDecision(.drop, traceState: .empty) })
        let dropped = clears.tracer.startSpan("work", parent: Context.root.with(spanContext: .madeUp(traceState: "a=1")))
        #expect(dropped.context.traceState.isEmpty && !dropped.isRecording)
    }

    @Test func theParentDecidesByBeingRemoteOrLocalAndSampledOrNot() {
        func mark(_ name: String) -> CustomSampler {
            CustomSampler { _ in SamplingDecision(.recordAndSample, attributes: ["by": .string(name)], traceState: .empty) }
        }
        let sampler = ParentBasedSampler(
            root: mark("root"), remoteParentSampled: mark("remote sampled"), remoteParentNotSampled: mark("remote not sampled"),
            localParentSampled: mark("local sampled"), localParentNotSampled: mark("local not sampled"))
        let halfValid = SpanContext(traceID: TraceID(high: 1, low: 1), spanID: .invalid, flags: .sampled, isRemote: true)
        let cases: [(SpanContext, String)] = [
            (.invalid, "root"), (halfValid, "root"), (.madeUp(isSampled: true, isRemote: true), "remote sampled"),
            (.madeUp(isSampled: false, isRemote: true), "remote not sampled"), (.madeUp(isSampled: true), "local sampled"),
            (.madeUp(isSampled: false), "local not sampled"),
        ]
        let recording = Recording(sampler: sampler)
        for (parent, name) in cases {
            recording.tracer.startSpan("work", parent: Context.root.with(spanContext: parent)).end()
            #expect(recording.spans.last?.attributes["by"] == .string(name))
        }
    }

    @Test func withoutFurtherWordsASampledParentIsFollowedAndAnUnsampledOneToo() {
        for root in [.alwaysOn, .alwaysOff, CustomSampler(.drop), RatioSampler(share: 0)] as [any Sampler] {
            let tracer = Recording(sampler: .parentBased(root)).tracer
            for isRemote in [true, false] {
                for isSampled in [true, false] {
                    let parent = SpanContext.madeUp(isSampled: isSampled, isRemote: isRemote)
                    let span = tracer.startSpan("work", parent: Context.root.with(spanContext: parent))
                    #expect(span.context.isSampled == isSampled && span.isRecording == isSampled)
                }
            }
        }
    }

    @Test func theShortWayDecidesAsTheSamplersThemselvesDo() {
        let samplers: [any Sampler] = [
            .alwaysOn, .alwaysOff, .ratio(0.3), .parentBased(.alwaysOn), .parentBased(.alwaysOff), .parentBased(.ratio(0.3)),
            ParentBasedSampler(
                root: .ratio(0.6), remoteParentSampled: .alwaysOff, remoteParentNotSampled: .alwaysOn, localParentSampled: .ratio(0.3),
                localParentNotSampled: .alwaysOn),
        ]
        var random = SplitMix64(seed: 61)
        for sampler in samplers {
            let tracer = Recording(sampler: sampler).tracer
            for index in 0..<200 {
                let context = SpanContext(
                    traceID: TraceID(high: random.next(), low: random.next()), spanID: SpanID(random.next() | 1),
                    flags: index & 1 == 0 ? .sampled : [], isRemote: index & 2 == 0)
                let parent = index & 12 == 0 ? Context.root : Context.root.with(spanContext: context)
                let span = tracer.startSpan("work", parent: parent)
                let request = SamplingRequest(
                    parent: parent, traceID: span.context.traceID, name: "work", kind: .internal, attributes: [:], links: [])
                #expect(span.context.isSampled == (sampler.decision(for: request).verdict == .recordAndSample))
            }
        }
    }

    @Test func sampledWithoutRecordingCannotHappen() {
        for verdict in [.drop, .recordOnly, .recordAndSample] as [SamplingDecision.Verdict] {
            for parent in [.root, Context.root.with(spanContext: .madeUp()), Context.root.with(spanContext: .madeUp(isSampled: false))] {
                let span = Recording(sampler: CustomSampler(verdict)).tracer.startSpan("work", parent: parent)
                #expect(span.isRecording == (verdict != .drop))
                #expect(span.context.isSampled == (verdict == .recordAndSample))
            }
        }
    }
}

@Suite struct RatioSamplerTests {
    private static let shares = [0, 0.001, 0.1, 0.25, 0.5, 0.9, 1]

    /// Kept or not at each of the shares; worked out with exact fractions: keep when (last 8 bytes ÷ 2) < share × 2⁶³.
    @Test(arguments: [
        ("00000000000000000000000000000001", "0111111"), ("ffffffffffffffff0000000000000000", "0111111"),
        ("0af7651916cd43dd8448eb211c80319c", "0000011"), ("4bf92f3577b34da6a3ce929d0e0e4736", "0000011"),
        ("000000000000000010000000000000ff", "0011111"), ("000000000000000033333333333333ff", "0001111"),
        ("80000000000000007fffffffffffffff", "0000111"), ("0000000000000001ffffffffffffffff", "0000001"),
        ("123456789abcdef01999999999999999", "0011111"), ("123456789abcdef03fffffffffffffff", "0001111"),
        ("123456789abcdef04000000000000000", "0000111"), ("123456789abcdef08000000000000000", "0000011"),
        ("d4cda95b652f4a1592b449d5929fda1b", "0000011"), ("00000000000000000020c49ba5e353f7", "0111111"),
    ])
    func aTraceIsKeptByItsIdentifier(hexadecimal: String, decisions: String) throws {
        let traceID = try TraceID(hexadecimal: hexadecimal).unwrapped()
        let kept = Self.shares.map { RatioSampler(share: $0).keeps(traceID) ? "1" : "0" }.joined()
        #expect(kept == decisions)
    }

    @Test func aLargerShareKeepsAllThatASmallerOneKeeps() {
        let samplers = (0...100).map { RatioSampler(share: Double($0) / 100) }
        var random = SplitMix64(seed: 71)
        for _ in 0..<2000 {
            let traceID = TraceID(high: random.next(), low: random.next())
            let kept = samplers.map { $0.keeps(traceID) }
            #expect(kept.first == false && kept.last == true)
            #expect(!zip(kept, kept.dropFirst()).contains { $0 && !$1 })
        }
    }

    @Test func theShareIsKeptOfTheTracesThatTheGeneratorMakes() {
        let tracer = Recording(sampler: .ratio(0.25)).tracer
        let kept = (0..<40_000).count { _ in tracer.startSpan("work", parent: .root).context.isSampled }
        // Ten standard deviations of 87 either way.
        #expect((9_130...10_870).contains(kept))
    }

    @Test func theParentsFlagIsNotLookedAt() {
        let low = SpanContext(traceID: TraceID(high: 0, low: 2), spanID: SpanID(1), flags: [])
        let high = SpanContext(traceID: TraceID(high: 0, low: .max), spanID: SpanID(1), flags: .sampled)
        let tracer = Recording(sampler: .ratio(0.5)).tracer
        #expect(tracer.startSpan("work", parent: Context.root.with(spanContext: low)).context.isSampled)
        #expect(!tracer.startSpan("work", parent: Context.root.with(spanContext: high)).context.isSampled)
    }
}
