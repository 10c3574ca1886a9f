// Decisions of the samplers, and the request that they get.

import Testing

@testable import Telemetry

struct SamplerTests {
    @Test func descriptionsMatchTheSpecification() {
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

    @Test func samplingRequestHasContextTraceNameKindAttributesAndLinks() throws {
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

    @Test func samplersTraceStateReplacesTheParentsAndItsAttributesAreAdded() throws {
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

    @Test(arguments: [SamplingDecision.Verdict.recordAndSample, .recordOnly, .drop])
    func decisionWithoutTraceStateKeepsTheParents(_ verdict: SamplingDecision.Verdict) {
        let recording = Recording(sampler: CustomSampler { _ in SamplingDecision(verdict) })
        let child = recording.tracer.startSpan("child", parent: Context.root.with(spanContext: .madeUp(traceState: "a=1")))
        #expect(child.context.traceState.headerValue == "a=1")
        #expect(recording.tracer.startSpan("root", parent: .root).context.traceState.isEmpty)
    }

    @Test func parentBasedDelegatesByRemoteAndSampledParent() {
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

    @Test func parentBasedFollowsTheParentByDefault() {
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

    @Test func samplingPlanDecidesAsTheSamplers() {
        let samplers: [any Sampler] = [
            .alwaysOn, .alwaysOff, .ratio(0.3), .parentBased(.alwaysOn), .parentBased(.alwaysOff), .parentBased(.ratio(0.3)),
            ParentBasedSampler(
                root: .ratio(0.6), remoteParentSampled: .alwaysOff, remoteParentNotSampled: .alwaysOn, localParentSampled: .ratio(0.3),
                localParentNotSampled: .alwaysOn),
            .alwaysRecord(.alwaysOn), .alwaysRecord(.alwaysOff), .alwaysRecord(.ratio(0.3)), .alwaysRecord(.parentBased(.probability(0.3))),
            ParentBasedSampler(root: .alwaysRecord(.alwaysOff), localParentNotSampled: .parentBased(.alwaysOn)),
            .probability(0.3), .probability(0), .probability(1), .parentBased(.probability(0.3)),
            .composite(.alwaysOn), .composite(.alwaysOff), .composite(.probability(0.3)), .composite(.probability(0)),
            .composite(.parentThreshold(root: .probability(0.3))), .composite(.annotating([:], .alwaysOn)),
            .alwaysRecord(.composite(.parentThreshold(root: .parentThreshold(root: .alwaysOn)))),
        ]
        let states = ["", "vendor=1", "ot=th:8", "ot=th:0;k:1", "ot=rv:e0000000000000"]
        var random = SplitMix64(seed: 61)
        for sampler in samplers {
            let recording = Recording(sampler: sampler)
            for index in 0..<200 {
                let context = SpanContext(
                    traceID: index & 12 == 0 ? .invalid : TraceID(high: random.next(), low: random.next()),
                    spanID: SpanID(random.next() | 1), flags: index & 1 == 0 ? .sampled : [],
                    traceState: TraceState(headerValue: states[index % 5]) ?? .empty, isRemote: index & 2 == 0)
                let parent = index & 28 == 0 ? Context.root : Context.root.with(spanContext: context)
                let span = recording.tracer.startSpan("work", parent: parent)
                let decision = sampler.decision(
                    for: SamplingRequest(
                        parent: parent, traceID: span.context.traceID, name: "work", kind: .internal, attributes: [:], links: [],
                        hasRandomTraceID: span.context.flags.contains(.random)))
                #expect(span.context.isSampled == (decision.verdict == .recordAndSample))
                #expect(span.isRecording == (decision.verdict != .drop))
                #expect(span.context.traceState == decision.traceState, "\(sampler.description)")
            }
        }
    }

    @Test func alwaysRecordChangesOnlyDropToRecordOnly() {
        let state = TraceState.empty.setting("a", to: "1")
        let expected: [(SamplingDecision.Verdict, SamplingDecision.Verdict)] = [
            (.drop, .recordOnly), (.recordOnly, .recordOnly), (.recordAndSample, .recordAndSample),
        ]
        for (before, after) in expected {
            let sampler = AlwaysRecordSampler(
                root: CustomSampler { _ in SamplingDecision(before, attributes: ["a": 1], traceState: state) })
            let request = SamplingRequest(
                parent: .root, traceID: TraceID(high: 1, low: 1), name: "work", kind: .internal, attributes: [:], links: [],
                hasRandomTraceID: true)
            let decision = sampler.decision(for: request)
            #expect(decision.verdict == after && decision.attributes == ["a": 1] && decision.traceState == state)
        }
        #expect(AlwaysRecordSampler(root: .alwaysOff).description == "AlwaysRecordSampler{AlwaysOffSampler}")
    }

    /// Keeps every span that has ended, as a processor that derives metrics from spans sees them.
    private final class EveryEnd: SpanProcessor {
        let spans = Journal<ReadableSpan>()

        func onEnd(_ span: ReadableSpan) { spans.note(span) }
    }

    @Test func recordOnlySpanReachesProcessorsButNoExporter() throws {
        for root in [.alwaysOff, CustomSampler(.drop), ProbabilitySampler(share: 0)] as [any Sampler] {
            let processor = EveryEnd()
            let recording = Recording(sampler: .alwaysRecord(root), processors: [processor])
            let span = recording.tracer.startSpan("work", parent: .root, ["a": 1])
            #expect(span.isRecording && !span.context.isSampled && span.context.spanID.isValid)
            span.end()
            #expect(try processor.spans.entries.last.unwrapped().attributes == ["a": 1], "Every processor sees it.")
            #expect(recording.spans.isEmpty, "Exporters get sampled spans only.")
        }
    }

    @Test func droppedSpanHasItsOwnIdentifier() {
        let parent = SpanContext.madeUp(isSampled: false)
        for sampler in [.alwaysOff, CustomSampler(.drop), .parentBased(.alwaysOn)] as [any Sampler] {
            let tracer = Recording(sampler: sampler).tracer
            let spans = (0..<3).map { _ in tracer.startSpan("work", parent: Context.root.with(spanContext: parent)).context }
            #expect(Set(spans.map(\.spanID)).union([parent.spanID]).count == 4)
            #expect(spans.allSatisfy { $0.traceID == parent.traceID && !$0.isSampled })
        }
    }

    @Test func limitsApplyToSamplerAttributes() throws {
        let many = Attributes((0..<500).map { (key: "key \($0)", value: AttributeValue.string(String(repeating: "x", count: 100))) })
        let sampler = CustomSampler { _ in SamplingDecision(.recordAndSample, attributes: many.merging(["": 1]), traceState: .empty) }
        let recording = Recording(sampler: sampler, limits: SpanLimits(attributeCount: 3, attributeValueLength: 5))
        let span = try recording.finished(["own": "longer than that"])
        #expect(span.attributes == ["own": "longe", "key 0": "xxxxx", "key 1": "xxxxx"], "The first ones stay.")
        #expect(span.droppedAttributeCount == 498)
    }

    @Test func sampledSpanIsAlwaysRecorded() {
        for verdict in [.drop, .recordOnly, .recordAndSample] as [SamplingDecision.Verdict] {
            for parent in [.root, Context.root.with(spanContext: .madeUp()), Context.root.with(spanContext: .madeUp(isSampled: false))] {
                let span = Recording(sampler: CustomSampler(verdict)).tracer.startSpan("work", parent: parent)
                #expect(span.isRecording == (verdict != .drop))
                #expect(span.context.isSampled == (verdict == .recordAndSample))
            }
        }
    }
}

struct RatioSamplerTests {
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
    func ratioKeepsTracesByIdentifier(hexadecimal: String, decisions: String) throws {
        let traceID = try TraceID(hexadecimal: hexadecimal).unwrapped()
        let kept = Self.shares.map { RatioSampler(share: $0).keeps(traceID) ? "1" : "0" }.joined()
        #expect(kept == decisions)
    }

    private static let knownShares = [0.001, 0.01, 0.05, 0.1, 0.2, 0.25, 0.3, 1.0 / 3, 0.4, 0.5, 0.6, 2.0 / 3, 0.75, 0.9, 0.99, 0.999]

    /// What the Python SDK (1.45) decides on 256 trace identifiers: four digits each, a bit for each of the known shares.
    private static let knownDecisions =
        "000700030fff003f003f0fff007f00ff00073fff01ff000300ff07ff01ff001f003f07ff0fff01ff0007003f000700030fff0007003f07ff00073fff00ff3fff"
        + "00ff003f000f007f00030fff03ff01ff0003003f007f0003007f001f00070fff001f007f000f00070007003f000f00ff007f3fff007f001f07ff007f01ff3fff"
        + "0fff00ff03ff0fff007f3fff0007000700070007000307ff1fff007f0007001f001f07ff00030007003f00ff0003000300ff007f1fff000303ff001f0007000f"
        + "000700ff000f3fff0fff00ff00070fff1fff7fff000f0fff07ff001f0007000f7fff0003000700ff000300ff1fff007f001f03ff000701ff7fff003f0fff0003"
        + "000700030007001f00ff003f000f0003000707ff0007000703ff00ff0fff007f00030003007f3fff1fff0007000300070007001f0fff001f0fff00070007000f"
        + "00070fff003f0fff3fff000f00ff007f01ff000707ff00ff000307ff00030fff003f001f0fff001f00070007000300071fff007f0003001f0fff00ff0fff003f"
        + "007f0007000f000f000f3fff000f003f000f00ff000f001f0007003f00ff000703ff0fff007f003f03ff0fff07ff003f007f03ff07ff000f0001007f00ff0007"
        + "1fff00ff03ff003f00070fff03ff00ff007f3fff007f07ff0fff0001007f007f00071fff01ff01ff003f00070003000f0fff00ff007f0003000f07ff000f000f"

    /// The same for that SDK's composite sampler with a probability.
    private static let knownProbabilityDecisions =
        "001f0fff0000000f07ff0007003f0007003f000703ff003f0001007f000700070fff007f000701ff000f0007000f03ff001f00ff000703ff0fff000f00ff000f"
        + "0007007f003f1fff0fff0007000301ff01ff01ff00ff000f0fff000f0007003f003f000700ff007f001f07ff000f00070fff0fff1fff7fff00ff00033fff0007"
        + "000300070007007f000f0003001f003f007f003f000707ff007f0007003f0007000301ff007f03ff0003007f003f007f007f07ff003f000f007f07ff00073fff"
        + "03ff0007007f00ff01ff00ff0fff007f0fff07ff01ff1fff0003007f00077fff003f00030007001f00ff00033fff07ff0003003f001f1fff003f003f00070007"
        + "00070007003f0fff0fff00ff000703ff01ff0fff00ff007f0fff003f003f000f1fff007f07ff3fff0007000700ff003f003f007f0003003f001f007f0007007f"
        + "03ff003f003f000f3fff000700030fff01ff0fff007f000100070003003f00030fff1fff003f003f00030007007f0fff000f07ff01ff0fff00037fff0fff001f"
        + "0fff000703ff1fff000f03ff0003003f0007007f1fff000700ff003f0fff07ff0fff003f003f0fff0fff01ff000300030fff0fff1fff0003003f0fff00ff0fff"
        + "00ff001f3fff007f003f003f000703ff01ff3fff0fff0007000703ff007f007f003f0007000f000f1fff07ff0003000f07ff007f0003007f0fff03ff00030007"

    private func decisions(_ keeps: (Double, TraceID) -> Bool) -> String {
        var random = SplitMix64(seed: 2027)
        return (0..<256).map { _ in
            let high = random.next()
            let traceID = TraceID(high: high, low: random.next())
            let mask = Self.knownShares.reduce(0 as UInt64) { $0 << 1 | (keeps($1, traceID) ? 1 : 0) }
            return Hexadecimal.text(mask).suffix(4)
        }.joined()
    }

    @Test func decisionsMatchThePythonSDK() {
        #expect(decisions { RatioSampler(share: $0).keeps($1) } == Self.knownDecisions)
        let byProbability = decisions { share, traceID in
            ProbabilitySampler(share: share).threshold?.keeps(traceID.low & SamplingThreshold.randomnessMask) ?? false
        }
        #expect(byProbability == Self.knownProbabilityDecisions)
    }

    /// The last 8 bytes from which on the Python SDK drops a trace.
    @Test(
        arguments: [
            (0.001, 0x4189374bc6a7f0), (0.01, 0x28f5c28f5c28f60), (0.05, 0xccccccccccccd00), (0.1, 0x1999999999999a00),
            (0.2, 0x3333333333333400), (0.25, 0x4000000000000000), (0.3, 0x4ccccccccccccc00),
            (0.3333333333333333, 0x5555555555555400), (0.4, 0x6666666666666800), (0.5, 0x8000000000000000), (0.6, 0x9999999999999800),
            (0.6666666666666666, 0xaaaaaaaaaaaaa800), (0.75, 0xc000000000000000), (0.9, 0xe666666666666800),
            (0.99, 0xfd70a3d70a3d7000), (0.999, 0xffbe76c8b4395800),
        ] as [(Double, UInt64)])
    func ratioBoundaryMatchesThePythonSDK(share: Double, bound: UInt64) {
        #expect(RatioSampler(share: share).keeps(TraceID(high: .max, low: bound - 1)))
        #expect(!RatioSampler(share: share).keeps(TraceID(high: 0, low: bound)))
    }

    @Test func ratioBelowAParentWarnsAndMentionsProbabilitySamplers() {
        let sampler = RatioSampler(share: 0.5)
        #expect(sampler.warning(.madeUp()).contains(".parentBased(.ratio(0.5))"))
        #expect(!sampler.warning(.madeUp(traceState: "ot=k:1")).contains("probability sampler"))
        for state in ["ot=th:8", "ot=rv:6e6d1a75832a2f"] {
            #expect(sampler.warning(.madeUp(traceState: state)).contains("parent was sampled by a probability sampler"))
        }
    }

    @Test func largerShareKeepsAllTracesOfASmallerShare() {
        let samplers = (0...100).map { RatioSampler(share: Double($0) / 100) }
        var random = SplitMix64(seed: 71)
        for _ in 0..<2000 {
            let traceID = TraceID(high: random.next(), low: random.next())
            let kept = samplers.map { $0.keeps(traceID) }
            #expect(kept.first == false && kept.last == true)
            #expect(!zip(kept, kept.dropFirst()).contains { $0 && !$1 })
        }
    }

    @Test func shareOfGeneratedTracesIsKept() {
        let tracer = Recording(sampler: .ratio(0.25)).tracer
        let kept = (0..<40_000).count { _ in tracer.startSpan("work", parent: .root).context.isSampled }
        // Ten standard deviations of 87 either way.
        #expect((9_130...10_870).contains(kept))
    }

    @Test func ratioIgnoresTheParentsSampledFlag() {
        let low = SpanContext(traceID: TraceID(high: 0, low: 2), spanID: SpanID(1), flags: [])
        let high = SpanContext(traceID: TraceID(high: 0, low: .max), spanID: SpanID(1), flags: .sampled)
        let tracer = Recording(sampler: .ratio(0.5)).tracer
        #expect(tracer.startSpan("work", parent: Context.root.with(spanContext: low)).context.isSampled)
        #expect(!tracer.startSpan("work", parent: Context.root.with(spanContext: high)).context.isSampled)
    }
}
