// The sampler that keeps a number of spans a second.

import Testing

@testable import Telemetry

struct RateLimitedSamplerTests {
    private let clock = ManualClock()

    private func sampler(_ rate: Double, burst: Double? = nil) -> RateLimitedSampler {
        RateLimitedSampler(rate, burst: burst, clock: .manual(clock))
    }

    private static func request(_ state: String = "") -> SamplingRequest {
        let parent = SpanContext(
            traceID: TraceID(high: 1, low: 2), spanID: SpanID(3), flags: .sampled, traceState: TraceState(headerValue: state) ?? .empty,
            isRemote: true)
        return SamplingRequest(
            parent: Context.root.with(spanContext: parent), traceID: parent.traceID, name: "a", kind: .internal, attributes: [:], links: [],
            hasRandomTraceID: true)
    }

    private static func keptCount(_ sampler: RateLimitedSampler, of count: Int) -> Int {
        (0..<count).count { _ in sampler.decision(for: Self.request()).verdict == .recordAndSample }
    }

    @Test func burstIsKeptAndThenTheRate() {
        let sampler = sampler(10, burst: 5)
        #expect(Self.keptCount(sampler, of: 100) == 5)
        var kept = 0
        for _ in 0..<1_000 {
            clock.advance(by: .milliseconds(10))
            kept += Self.keptCount(sampler, of: 3)
        }
        #expect(kept == 100, "Ten seconds.")
        clock.advance(by: .seconds(3_600))
        #expect(Self.keptCount(sampler, of: 100) == 5, "A pause saves up one burst, and no more.")
    }

    @Test(arguments: [(100.0, 100), (0.5, 1), (1, 1), (0, 0), (2.5, 2)])
    func burstIsASecondOfTheRateUnlessGiven(rate: Double, count: Int) {
        #expect(Self.keptCount(sampler(rate), of: 1_000) == count)
    }

    @Test func slowRateKeepsOneSpanAtATime() {
        let sampler = sampler(0.1)
        #expect(Self.keptCount(sampler, of: 5) == 1)
        clock.advance(by: .milliseconds(9_999))
        #expect(Self.keptCount(sampler, of: 5) == 0)
        clock.advance(by: .milliseconds(1))
        #expect(Self.keptCount(sampler, of: 5) == 1)
    }

    @Test func thresholdOfTheParentIsRemovedAndOtherMembersStay() {
        let kept = sampler(1).decision(for: Self.request("ot=th:8;rv:6e6d1a75832a2f;x:y,vendor=1"))
        #expect(kept.verdict == .recordAndSample && kept.traceState?.headerValue == "ot=rv:6e6d1a75832a2f;x:y,vendor=1")
        let plain = sampler(1).decision(for: Self.request("vendor=1,ot=th:8"))
        #expect(plain.traceState?.headerValue == "vendor=1")
        #expect(sampler(0).decision(for: Self.request("ot=th:8")).traceState == .empty)
    }

    @Test func threadsTogetherKeepNoMoreThanTheBurst() async {
        let sampler = sampler(1_000, burst: 1_000)
        let kept = Locked(0)
        await onThreads(4) { _ in
            let count = Self.keptCount(sampler, of: 1_000)
            kept.withLock { $0 += count }
        }
        #expect(kept.withLock { $0 } == 1_000)
    }

    @Test(arguments: [
        (-1.0, 1.0, "rateLimited"), (.nan, 1, "rateLimited"), (.infinity, 1, "rateLimited"), (1, 0.5, "burst"), (1, .nan, "burst"),
    ])
    func settingThatCannotBeUsedIsThrownByTheStart(rate: Double, burst: Double, setting: String) {
        for sampler in [.rateLimited(rate, burst: burst), .parentBased(.rateLimited(rate, burst: burst))] as [any Sampler] {
            #expect {
                try TelemetrySystem.start(sampler: sampler, spans: [], metrics: [], logs: [], environment: [:])
            } throws: { ($0 as? ConfigurationError)?.setting == setting }
        }
        // Without a start it neither traps nor hangs.
        _ = sampler(rate, burst: burst).decision(for: Self.request())
    }
}
