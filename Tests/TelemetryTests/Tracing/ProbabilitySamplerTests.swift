// Consistent probability sampling and its trace state.

import Testing

@testable import Telemetry

struct ProbabilitySamplerTests {
    private func decision(
        _ sampler: any Sampler, traceID: TraceID = TraceID(high: 1, low: 0xc0_0000_0000_0000), parent: SpanContext = .invalid,
        hasRandomTraceID: Bool = true
    ) -> SamplingDecision {
        sampler.decision(
            for: SamplingRequest(
                parent: Context.root.with(spanContext: parent), traceID: parent.isValid ? parent.traceID : traceID, name: "work",
                kind: .internal, attributes: [:], links: [],
                hasRandomTraceID: hasRandomTraceID))
    }

    private func parent(_ low: UInt64, isSampled: Bool = false, _ state: String = "", isRandom: Bool = true) -> SpanContext {
        SpanContext(
            traceID: TraceID(high: 1, low: low), spanID: SpanID(1), flags: TraceFlags(rawValue: (isSampled ? 1 : 0) | (isRandom ? 2 : 0)),
            traceState: TraceState(headerValue: state) ?? .empty, isRemote: true)
    }

    /// Threshold `c`: kept when the last 56 bits of the identifier reach three quarters of what they can be.
    @Test(
        arguments: [
            (0xc0_0000_0000_0000, true), (0xbf_ffff_ffff_ffff, false), (0xff_ffff_ffff_ffff, true), (0, false),
            (0xff00_0000_0000_0000, false), (0xffc0_0000_0000_0000, true),
        ] as [(UInt64, Bool)])
    func traceIsKeptIfItsRandomnessReachesTheThreshold(low: UInt64, isKept: Bool) {
        let decision = decision(.probability(0.25), traceID: TraceID(high: 1, low: low))
        #expect(decision.verdict == (isKept ? .recordAndSample : .drop))
        #expect(decision.traceState?.headerValue == (isKept ? "ot=th:c" : ""), "The threshold is written when the trace is kept.")
    }

    @Test func explicitRandomnessReplacesTheTraceIdentifier() {
        // The specification's example: it is kept from a probability of 56.9 % on.
        let state = "ot=rv:6e6d1a75832a2f,vendor=1"
        #expect(decision(.probability(0.568), parent: parent(.max, state)).verdict == .drop)
        let kept = decision(.probability(0.57), parent: parent(0, state))
        #expect(kept.verdict == .recordAndSample)
        #expect(kept.traceState?.headerValue == "ot=th:6e14;rv:6e6d1a75832a2f,vendor=1")
        let exact = SamplingThreshold(value: 0x6e_6d1a_7583_2a2f)
        #expect(exact.keeps(OpenTelemetryTraceState(kept.traceState ?? .empty).randomness(of: .invalid)))
    }

    @Test func randomnessNotOfFourteenDigitsIsIgnored() {
        for state in ["ot=rv:6e6d1a75832a2", "ot=rv:6e6d1a75832a2f0", "ot=rv:6E6D1A75832A2F", "ot=rv:"] {
            #expect(decision(.probability(0.25), parent: parent(.max, state)).verdict == .recordAndSample)
            #expect(decision(.probability(0.25), parent: parent(0, state)).verdict == .drop)
        }
    }

    @Test func parentsDecisionIsIgnoredAndItsThresholdReplacedOrErased() {
        let kept = decision(.probability(0.5), parent: parent(.max, isSampled: false, "ot=th:c;k:1"))
        #expect(kept.verdict == .recordAndSample && kept.traceState?.headerValue == "ot=th:8;k:1")
        let dropped = decision(.probability(0.5), parent: parent(0, isSampled: true, "ot=th:0;k:1"))
        #expect(dropped.verdict == .drop && dropped.traceState?.headerValue == "ot=k:1")
    }

    @Test func shareBelowTwoToTheMinus56KeepsNothing() {
        for share in [0, 0x1p-57] {
            let decision = decision(.probability(share), traceID: TraceID(high: .max, low: .max))
            #expect(decision.verdict == .drop && decision.traceState == .empty)
            #expect(!Recording(sampler: .probability(share)).tracer.startSpan("work", parent: .root).context.isSampled)
        }
        #expect(decision(.probability(1), traceID: TraceID(high: 1, low: 0)).traceState?.headerValue == "ot=th:0")
        #expect(decision(.probability(0x1p-56), traceID: TraceID(high: .max, low: .max)).verdict == .recordAndSample)
    }

    @Test func rootGetsExplicitRandomnessOnlyForANonRandomTraceIdentifier() throws {
        for sampler in [.probability(1), .composite(.probability(1))] as [any Sampler] {
            let given = decision(sampler, hasRandomTraceID: false)
            #expect(given.traceState?["ot"]?.hasPrefix("th:0;rv:") == true)
            #expect(OpenTelemetryTraceState(given.traceState ?? .empty).randomness != nil)
            #expect(decision(sampler, hasRandomTraceID: true).traceState?.headerValue == "ot=th:0")
            let own = TraceState(headerValue: "ot=rv:7479cfb506891d")
            let root = SpanContext(traceID: .invalid, spanID: .invalid, traceState: try own.unwrapped())
            #expect(decision(sampler, parent: root, hasRandomTraceID: false).traceState?.headerValue == "ot=th:0;rv:7479cfb506891d")
            let child = decision(sampler, parent: parent(0, isRandom: false), hasRandomTraceID: false)
            #expect(child.traceState?.headerValue == "ot=th:0", "Only a root has the opportunity.")
        }
        let dropped = decision(.probability(0), hasRandomTraceID: false)
        #expect(OpenTelemetryTraceState(dropped.traceState ?? .empty).randomness != nil, "Those who decide later use the same randomness.")
    }

    @Test func nonRandomIdentifiersAreSampledByExplicitRandomness() {
        let tracer = Recording(sampler: .probability(0.5), idGenerator: CountingIDs()).tracer
        let roots = (0..<400).map { _ in tracer.startSpan("work", parent: .root).context }
        let kept = roots.filter(\.isSampled)
        // Ten standard deviations of 10 either way.
        #expect((100...300).contains(kept.count))
        for root in roots {
            let state = OpenTelemetryTraceState(root.traceState)
            #expect(state.randomness.map { $0 >= 0x80_0000_0000_0000 } == root.isSampled)
            #expect(!root.flags.contains(.random))
        }
        let random = Recording(sampler: .probability(1), idGenerator: CountingIDs(makesRandomTraceIDs: true)).tracer
        #expect(random.startSpan("work", parent: .root).context.traceState.headerValue == "ot=th:0")
    }

    @Test func explicitRandomnessOfARootIsUsed() throws {
        let state = try TraceState(headerValue: "ot=rv:c0000000000000,vendor=1").unwrapped()
        let parent = Context.root.with(spanContext: SpanContext(traceID: .invalid, spanID: .invalid, traceState: state))
        for sampler in [.probability(0.25), .parentBased(.probability(0.25)), .composite(.parentThreshold(root: .probability(0.25)))]
            as [any Sampler]
        {
            let root = Recording(sampler: sampler).tracer.startSpan("work", parent: parent)
            #expect(root.context.isSampled && root.context.traceState.headerValue == "ot=th:c;rv:c0000000000000,vendor=1")
        }
        let plain = Recording(sampler: .alwaysOn).tracer.startSpan("work", parent: parent)
        #expect(plain.context.traceState == state)
    }

    @Test func largerShareKeepsAllTracesOfASmallerShare() {
        var random = SplitMix64(seed: 39)
        let samplers = (0...100).map { ProbabilitySampler(share: Double($0) / 100) }
        for _ in 0..<500 {
            let traceID = TraceID(high: random.next(), low: random.next())
            let kept = samplers.map { decision($0, traceID: traceID).verdict == .recordAndSample }
            #expect(kept.first == false && kept.last == true)
            #expect(!zip(kept, kept.dropFirst()).contains { $0 && !$1 })
        }
    }

    @Test func shareOfGeneratedTracesIsKept() {
        let tracer = Recording(sampler: .parentBased(.probability(0.25))).tracer
        let kept = (0..<40_000).count { _ in tracer.startSpan("work", parent: .root).context.isSampled }
        // Ten standard deviations of 87 either way.
        #expect((9_130...10_870).contains(kept))
    }

    @Test func parentBasedChildrenKeepTheThreshold() {
        let tracer = Recording(sampler: .parentBased(.probability(0.5))).tracer
        for _ in 0..<50 {
            let root = tracer.startSpan("root", parent: .root)
            #expect(root.context.traceState.headerValue == (root.context.isSampled ? "ot=th:8" : ""))
            let child = tracer.startSpan("child", parent: Context.root.with(spanContext: root.context))
            #expect(child.context.isSampled == root.context.isSampled && child.context.traceState == root.context.traceState)
        }
    }

    @Test func parentWithoutTheRandomFlagCausesAWarning() {
        func warning(_ parent: SpanContext) -> String? {
            ProbabilitySampler.warning(parent, OpenTelemetryTraceState(parent.traceState))
        }
        #expect(warning(parent(1, isRandom: false))?.contains("Level 2") == true)
        #expect(warning(parent(1, isRandom: true)) == nil)
        #expect(warning(parent(1, "ot=rv:6e6d1a75832a2f", isRandom: false)) == nil)
    }

    @Test func descriptionContainsTheShare() {
        #expect(ProbabilitySampler(share: 0.1).description == "ProbabilitySampler{0.1}")
    }
}
