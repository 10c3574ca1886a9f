// Shares that cannot be used: what counts instead, and what is reported.

import Testing

@testable import Telemetry

@Suite(.serialized) struct ShareSamplerTests {
    private static func request(_ low: UInt64) -> SamplingRequest {
        SamplingRequest(
            parent: .root, traceID: TraceID(high: 1, low: low), name: "", kind: .server, attributes: [:], links: [], hasRandomTraceID: true)
    }

    private static let usable: [Double] = [0, 0.25, 1]
    private static let unusable: [Double] = [-1, -Double.ulpOfOne, 1.0.nextUp, 2, .infinity, -.infinity, .nan]

    @Test(arguments: usable)
    func shareWithinItsRangeIsNoProblem(share: Double) {
        #expect(RatioSampler(share: share).problem == nil && ProbabilitySampler(share: share).problem == nil)
        #expect(ComposableProbability(share: share).problem == nil)
    }

    @Test(arguments: unusable)
    func shareOutOfRangeIsAProblemThatNamesSamplerAndValue(share: Double) {
        let expected = "a share of the traces from 0 to 1, as 0.1 for a tenth of them"
        #expect(
            RatioSampler(share: share).problem == ConfigurationError(setting: "ratio", value: "\(share)", expected: expected))
        for problem in [ProbabilitySampler(share: share).problem, ComposableProbability(share: share).problem] {
            #expect(problem == ConfigurationError(setting: "probability", value: "\(share)", expected: expected))
        }
    }

    @Test(arguments: unusable)
    func nearestShareCountsInPlaceOfOneOutOfRange(share: Double) {
        let verdict: SamplingDecision.Verdict = share < 0 ? .drop : .recordAndSample
        let samplers: [any Sampler] = [
            .ratio(share), .probability(share), .composite(.probability(share)), .parentBased(.ratio(share)),
        ]
        for sampler in samplers {
            for low in [0, 1, UInt64.max] { #expect(sampler.decision(for: Self.request(low)).verdict == verdict) }
        }
    }

    @Test func shareIsReportedBySamplerWithinAForeignOne() throws {
        for sampler in [RatioSampler.ratio(7.5), ProbabilitySampler.probability(7.5), CompositeSampler.composite(.probability(7.5))]
            as [any Sampler]
        {
            let foreign = CustomSampler { sampler.decision(for: $0) }
            let recording = Recording(sampler: foreign)
            let found = diagnostic(containing: "7.5") { recording.tracer.startSpan("work", parent: .root).end() }
            let reported = try found.unwrapped()
            #expect(reported.severity == .error)
            #expect(reported.message.hasSuffix("expected a share of the traces from 0 to 1, as 0.1 for a tenth of them. 1.0 is used."))
        }
    }
}
