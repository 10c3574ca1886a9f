// Composable samplers: intents, decisions and the trace state.

import Synchronization
import Testing

@testable import Telemetry

struct CompositeSamplerTests {
    /// A composable sampler that a test writes as a closure.
    private struct Custom: ComposableSampler {
        let description = "Custom"
        let decide: @Sendable (borrowing ComposableRequest) -> SamplingIntent

        init(_ decide: @escaping @Sendable (borrowing ComposableRequest) -> SamplingIntent) {
            self.decide = decide
        }

        func intent(for request: borrowing ComposableRequest) -> SamplingIntent { decide(request) }
    }

    private func decision(
        _ sampler: any ComposableSampler, parent: SpanContext = .invalid, low: UInt64 = 0x80_0000_0000_0000, name: String = "work",
        _ attributes: Attributes = [:]
    ) -> SamplingDecision {
        CompositeSampler(sampler).decision(
            for: SamplingRequest(
                parent: Context.root.with(spanContext: parent), traceID: TraceID(high: 1, low: low), name: name, kind: .server,
                attributes: attributes, links: [], hasRandomTraceID: true))
    }

    private func parent(_ low: UInt64 = 0x80_0000_0000_0000, isSampled: Bool, _ state: String = "") -> SpanContext {
        SpanContext(
            traceID: TraceID(high: 1, low: low), spanID: SpanID(1), flags: isSampled ? [.sampled, .random] : .random,
            traceState: TraceState(headerValue: state) ?? .empty)
    }

    @Test func alwaysOnWritesTheThresholdAndAlwaysOffErasesIt() {
        #expect(decision(.alwaysOn, low: 0).verdict == .recordAndSample)
        #expect(decision(.alwaysOn, low: 0).traceState?.headerValue == "ot=th:0")
        let dropped = decision(.alwaysOff, parent: parent(isSampled: true, "ot=th:0;k:1,vendor=1"), low: .max)
        #expect(dropped.verdict == .drop && dropped.traceState?.headerValue == "ot=k:1,vendor=1")
    }

    @Test func probabilityOfZeroIsAlwaysOff() {
        for share in [0, 0x1p-57] {
            #expect(decision(.probability(share), low: .max).verdict == .drop)
            #expect(ComposableProbability(share: share).threshold == nil)
        }
        #expect(decision(.probability(0.25), low: 0xc0_0000_0000_0000).traceState?.headerValue == "ot=th:c")
        #expect(decision(.probability(0.25), low: 0xbf_ffff_ffff_ffff).traceState == .empty)
    }

    /// State of the parent, whether it is sampled → whether the child is, and its state. The randomness is half of what it can be.
    @Test(arguments: [
        ("ot=th:8", true, true, "ot=th:8"), ("ot=th:4;k:1,vendor=1", true, true, "ot=th:4;k:1,vendor=1"),
        ("vendor=1", true, true, "vendor=1"), ("", true, true, ""), ("", false, false, ""), ("vendor=1", false, false, "vendor=1"),
        // A threshold that the parent did not reach, and one of a parent that was dropped all the same, say nothing.
        ("ot=th:c", true, true, ""), ("ot=th:4;k:1", false, false, "ot=k:1"),
        // A parent that was dropped for it hands on no threshold.
        ("ot=th:c", false, false, ""),
        ("ot=th:c;rv:c0000000000000", true, true, "ot=th:c;rv:c0000000000000"),
        ("ot=th:c;rv:bfffffffffffff", true, true, "ot=rv:bfffffffffffff"),
    ])
    func parentThresholdFollowsTheParentsDecisionAndThreshold(state: String, isSampled: Bool, isKept: Bool, expected: String) {
        for root in [.alwaysOn, .alwaysOff] as [any ComposableSampler] {
            let decision = decision(.parentThreshold(root: root), parent: parent(isSampled: isSampled, state))
            #expect(decision.verdict == (isKept ? .recordAndSample : .drop))
            #expect(decision.traceState?.headerValue == expected)
        }
    }

    @Test func rootSpanUsesTheRootSampler() {
        #expect(decision(.parentThreshold(root: .alwaysOn)).verdict == .recordAndSample)
        #expect(decision(.parentThreshold(root: .alwaysOff)).verdict == .drop)
        let halfValid = SpanContext(traceID: TraceID(high: 1, low: 1), spanID: .invalid, flags: .sampled)
        #expect(decision(.parentThreshold(root: .alwaysOff), parent: halfValid).verdict == .drop)
    }

    @Test func firstMatchingRuleDecidesAndNoMatchDrops() {
        let sampler: any ComposableSampler = .ruleBased([
            .rule("health checks", .alwaysOff) { $0.name == "GET /health" },
            .rule("checkout", .alwaysOn) { $0.attributes["http.route"] == "/checkout" },
            .rule("servers", .probability(0.5)) { $0.kind == .server && $0.parent.spanContext.isRemote == false },
        ])
        #expect(decision(sampler, name: "GET /health", ["http.route": "/checkout"]).verdict == .drop)
        #expect(decision(sampler, low: 0, ["http.route": "/checkout"]).traceState?.headerValue == "ot=th:0")
        #expect(decision(sampler, low: 0x80_0000_0000_0000).traceState?.headerValue == "ot=th:8")
        #expect(decision(sampler, low: 0).verdict == .drop)
        #expect(decision(.ruleBased([]), low: .max).verdict == .drop)
        #expect(decision(.ruleBased([.rule("never", .alwaysOn) { _ in false }]), low: .max).verdict == .drop)
        #expect(decision(.ruleBased([.otherwise(.alwaysOn)])).verdict == .recordAndSample)
    }

    @Test func intentAttributesAreEvaluatedOnlyForSampledSpans() {
        let computed = Counter()
        let counting = Custom { _ in
            SamplingIntent(threshold: SamplingThreshold(probability: 0.5)) {
                ["number": .int(Int64(computed.next())), "by": "inner"]
            }
        }
        let sampler: any ComposableSampler = .annotating(["by": "outer"], counting)
        let kept = decision(sampler, low: .max)
        #expect(kept.attributes == ["number": 1, "by": "outer"])
        #expect(decision(sampler, low: 0).attributes.isEmpty)
        #expect(computed.next() == 2, "A dropped span asks for none.")
    }

    @Test func unreliableIntentUsesFreshRandomnessAndWritesNoThreshold() {
        let half = Custom { _ in SamplingIntent(threshold: SamplingThreshold(probability: 0.5), isAdjustedCountReliable: false) }
        let state = "ot=th:0;rv:00000000000000"
        let decisions = (0..<400).map { _ in decision(half, parent: parent(isSampled: true, state), low: .max) }
        // Ten standard deviations of 10 either way.
        #expect((100...300).contains(decisions.count { $0.verdict == .recordAndSample }))
        #expect(decisions.allSatisfy { $0.traceState?.headerValue == "ot=rv:00000000000000" })
    }

    @Test func composableSamplerChangesTheTraceStateExceptTheOpenTelemetryMember() throws {
        let seen = Journal<String>()
        let meddler = Custom { _ in
            SamplingIntent(
                threshold: SamplingThreshold(probability: 0.5),
                traceState: { parent, verdict in
                    seen.note("\(parent.headerValue) \(verdict)")
                    return parent.setting("ot", to: "th:1;rv:00000000000001;evil:1").setting("mine", to: "1")
                })
        }
        let kept = decision(meddler, parent: parent(isSampled: true, "ot=rv:ffffffffffffff;k:1,vendor=1"))
        #expect(kept.traceState?.headerValue == "ot=th:8;rv:ffffffffffffff;k:1,mine=1,vendor=1")
        let dropped = decision(meddler, parent: parent(isSampled: true, "ot=rv:00000000000000;th:0"))
        #expect(dropped.traceState?.headerValue == "ot=rv:00000000000000,mine=1")
        #expect(seen.entries == ["ot=rv:ffffffffffffff;k:1,vendor=1 recordAndSample", "ot=rv:00000000000000;th:0 drop"])
        let clearing = Custom { _ in SamplingIntent(threshold: .keepsAll, traceState: { _, _ in .empty }) }
        let cleared = decision(clearing, parent: parent(isSampled: true, "ot=rv:ffffffffffffff,vendor=1"))
        #expect(cleared.traceState?.headerValue == "ot=th:0;rv:ffffffffffffff", "Randomness stays.")
    }

    @Test func composableRequestHasEverythingButTheTraceIdentifier() throws {
        let seen = Journal<ComposableRequest>()
        let tracer = Recording(
            sampler: .composite(
                Custom { request in
                    seen.note(copy request)
                    return .drop
                })
        ).tracer
        let link = SpanLink(.madeUp(), ["l": 1])
        let parent = Context.root.with(spanContext: parent(.max, isSampled: true, "ot=th:8"))
        _ = tracer.startSpan("work", kind: .producer, parent: parent, ["a": 1], links: [link])
        let request = try seen.entries.first.unwrapped()
        #expect(request.parent.spanContext == parent.spanContext && request.parentThreshold?.text == "8")
        #expect(request.name == "work" && request.kind == .producer && request.attributes == ["a": 1] && request.links == [link])
        _ = tracer.startSpan("work", parent: .root)
        #expect(seen.entries.last?.parentThreshold == nil && seen.entries.count == 2)
    }

    /// As in the documentation of the protocol.
    private struct ForPartner: ComposableSampler {
        let description = "ForPartner"

        func intent(for request: borrowing ComposableRequest) -> SamplingIntent {
            let isPartner = request.parent.baggage["customer.kind"] == "partner"
            return SamplingIntent(threshold: isPartner ? .keepsAll : SamplingThreshold(probability: 0.01))
        }
    }

    @Test func customComposableSamplerIsApplied() {
        let tracer = Recording(sampler: .composite(.ruleBased([.otherwise(ForPartner())]))).tracer
        let partner = Context.root.with(baggage: Baggage.empty.setting("customer.kind", to: "partner"))
        #expect((0..<100).allSatisfy { _ in tracer.startSpan("work", parent: partner).context.traceState.headerValue == "ot=th:0" })
        #expect((0..<100).count { _ in tracer.startSpan("work", parent: .root).context.isSampled } < 50)
    }

    @Test func descriptionsNameTheDelegates() {
        let sampler: any Sampler = .composite(
            .parentThreshold(root: .ruleBased([.rule("health", .alwaysOff) { _ in true }, .otherwise(.probability(0.1))])))
        #expect(
            sampler.description
                == "CompositeSampler{ComposableParentThreshold{root:ComposableRuleBased{health:ComposableAlwaysOff,"
                + "otherwise:ComposableProbability{0.1}}}}")
        #expect(
            CompositeSampler(.annotating(["a": 1], .alwaysOn)).description
                == "CompositeSampler{ComposableAnnotating{ComposableAlwaysOn,[a: 1]}}")
    }
}
