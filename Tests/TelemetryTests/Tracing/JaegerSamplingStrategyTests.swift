// Parsing of Jaeger sampling strategies, and their decisions.

import Testing

@testable import Telemetry

struct JaegerSamplingStrategyTests {
    private func strategy(_ text: String) throws -> JaegerSamplingStrategy {
        try JaegerSamplingStrategy(JSONReader.value(of: Array(text.utf8)))
    }

    private func isKept(_ sampler: JaegerStrategySampler, _ name: String = "work", low: UInt64 = .max) -> Attributes? {
        sampler.attributesIfKept(
            SamplingRequest(
                parent: .root, traceID: TraceID(high: 1, low: low), name: name, kind: .server, attributes: [:], links: [],
                hasRandomTraceID: true))
    }

    @Test(
        arguments: [
            (#"{"strategyType":"PROBABILISTIC","probabilisticSampling":{"samplingRate":0.42}}"#, .probabilistic(share: 0.42)),
            (#"{"strategyType":"RATE_LIMITING","rateLimitingSampling":{"maxTracesPerSecond":42}}"#, .rateLimiting(tracesPerSecond: 42)),
            (#"{"strategyType":0,"probabilisticSampling":{"samplingRate":0.42}}"#, .probabilistic(share: 0.42)),
            (#"{"strategyType":1,"rateLimitingSampling":{"maxTracesPerSecond":42}}"#, .rateLimiting(tracesPerSecond: 42)),
            (#"{"probabilisticSampling":{"samplingRate":1}}"#, .probabilistic(share: 1)),
            (#"{"probabilisticSampling":{}}"#, .probabilistic(share: 0)),
            (
                #"{"strategyType":"PROBABILISTIC","probabilisticSampling":{"samplingRate":"0.5"},"rateLimitingSampling":null,"x":1}"#,
                .probabilistic(share: 0.5)
            ),
            (
                #"{"strategyType":1,"probabilisticSampling":{"samplingRate":1},"rateLimitingSampling":{"maxTracesPerSecond":2}}"#,
                .rateLimiting(tracesPerSecond: 2)
            ),
            (
                #"{"strategyType":0,"probabilisticSampling":{"samplingRate":1},"operationSampling":{"defaultSamplingProbability":0.2}}"#,
                .perOperation(JaegerOperationStrategies(defaultShare: 0.2, lowerBound: 0, shares: [:]))
            ),
            (
                """
                {"strategyType": "PROBABILISTIC", "operationSampling": {"defaultSamplingProbability": 1,
                "defaultLowerBoundTracesPerSecond": 0.016666666666666666, "perOperationStrategies": [], "defaultUpperBoundTracesPerSecond": 0}}
                """,
                .perOperation(JaegerOperationStrategies(defaultShare: 1, lowerBound: 0.016666666666666666, shares: [:]))
            ),
            (
                """
                {"operationSampling":{"defaultSamplingProbability":0.2,"defaultLowerBoundTracesPerSecond":0.01,"perOperationStrategies":[
                {"operation":"GET /a","probabilisticSampling":{"samplingRate":1}},{"operation":"GET /b"}]}}
                """,
                .perOperation(JaegerOperationStrategies(defaultShare: 0.2, lowerBound: 0.01, shares: ["GET /a": 1, "GET /b": 0]))
            ),
        ] as [(String, JaegerSamplingStrategy)])
    func anAnswerIsRead(text: String, expected: JaegerSamplingStrategy) throws {
        #expect(try strategy(text) == expected)
    }

    @Test(arguments: [
        "{}", "[]", "null", "\"PROBABILISTIC\"", #"{"strategyType":"PROBABILISTIC"}"#, #"{"probabilisticSampling":{"samplingRate":1.1}}"#,
        #"{"probabilisticSampling":{"samplingRate":-0.1}}"#, #"{"probabilisticSampling":{"samplingRate":"NaN"}}"#,
        #"{"probabilisticSampling":{"samplingRate":true}}"#, #"{"rateLimitingSampling":{"maxTracesPerSecond":-1}}"#,
        #"{"operationSampling":{"defaultSamplingProbability":2}}"#,
        #"{"operationSampling":{"perOperationStrategies":[{"probabilisticSampling":{"samplingRate":1}}]}}"#,
        #"{"operationSampling":{"perOperationStrategies":[{"operation":"a","probabilisticSampling":{"samplingRate":7}}]}}"#,
    ])
    func answerWithoutAUsableStrategyIsRefused(text: String) {
        #expect(throws: JaegerAnswerError.self) { try strategy(text) }
    }

    @Test func damagedAnswersAreParsedOrRefused() {
        var random = SplitMix64(seed: 5778)
        let whole = Array(
            #"{"strategyType":1,"probabilisticSampling":{"samplingRate":0.5},"rateLimitingSampling":{"maxTracesPerSecond":2},"operationSampling":{"defaultSamplingProbability":0.2,"perOperationStrategies":[{"operation":"a"}]}}"#
                .utf8)
        for _ in 0..<5_000 {
            guard let value = try? JSONReader.value(of: whole.damaged(using: &random)),
                let strategy = try? JaegerSamplingStrategy(value)
            else { continue }
            _ = isKept(JaegerStrategySampler(strategy, after: nil, clock: .manual(ManualClock())))
        }
    }

    @Test func shareIsKeptByTraceIdentifier() {
        let sampler = JaegerStrategySampler(.probabilistic(share: 0.5), after: nil, clock: .manual(ManualClock()))
        #expect(isKept(sampler, low: 0) == ["jaeger.sampler.type": "probabilistic", "jaeger.sampler.param": 0.5])
        #expect(isKept(sampler, low: .max) == nil)
    }

    @Test func rateLimitAppliesToAnyTraceIdentifier() {
        let clock = ManualClock()
        let sampler = JaegerStrategySampler(.rateLimiting(tracesPerSecond: 2), after: nil, clock: .manual(clock))
        #expect((0..<10).compactMap { isKept(sampler, "operation \($0)") }.count == 2)
        clock.advance(by: .milliseconds(500))
        #expect(isKept(sampler) == ["jaeger.sampler.type": "ratelimiting", "jaeger.sampler.param": 2.0])
        #expect(isKept(sampler) == nil)
    }

    @Test func rateOfZeroKeepsNothing() {
        let clock = TelemetryClock.manual(ManualClock())
        #expect(isKept(JaegerStrategySampler(.rateLimiting(tracesPerSecond: 0), after: nil, clock: clock)) == nil)
        let operations = JaegerOperationStrategies(defaultShare: 0, lowerBound: 0, shares: ["half": 0.5])
        let sampler = JaegerStrategySampler(.perOperation(operations), after: nil, clock: clock)
        #expect(isKept(sampler, "half") == nil && isKept(sampler, "other") == nil)
        #expect(isKept(sampler, "half", low: 0) == ["jaeger.sampler.type": "probabilistic", "jaeger.sampler.param": 0.5])
    }

    @Test func operationsHaveSeparateSharesAndLowerBounds() {
        let clock = ManualClock()
        let strategies = JaegerOperationStrategies(defaultShare: 0, lowerBound: 0.1, shares: ["often": 1, "half": 0.5])
        let sampler = JaegerStrategySampler(.perOperation(strategies), after: nil, clock: .manual(clock))
        #expect((0..<5).compactMap { _ in isKept(sampler, "often") }.count == 5)
        #expect(isKept(sampler, "half", low: 0)?["jaeger.sampler.type"] == "probabilistic")
        #expect(isKept(sampler, "half") == nil, "Its share has used up the lower bound.")
        #expect((0..<5).compactMap { _ in isKept(sampler, "rare") }.count == 1)
        #expect((0..<5).compactMap { _ in isKept(sampler, "other") }.count == 1)
        clock.advance(by: .milliseconds(10_001))
        #expect(isKept(sampler, "rare") == ["jaeger.sampler.type": "ratelimiting", "jaeger.sampler.param": 0.1])
    }

    @Test func operationTablesAreBounded() throws {
        let operations = (0..<2100).map { #"{"operation":"operation \#($0)","probabilisticSampling":{"samplingRate":1}}"# }
        let text = #"{"operationSampling":{"perOperationStrategies":[\#(operations.joined(separator: ","))]}}"#
        guard case .perOperation(let strategies) = try strategy(text) else { throw NothingThere() }
        #expect(strategies.shares.count == 2000 && strategies.shares["operation 0"] == 1)
        let bounded = JaegerStrategySampler(
            .perOperation(JaegerOperationStrategies(defaultShare: 0, lowerBound: 1, shares: [:])), after: nil,
            clock: .manual(ManualClock()))
        #expect((0..<2100).compactMap { isKept(bounded, "operation \($0)") }.count == 2000)
        #expect(isKept(bounded, String(repeating: "x", count: 513)) == nil)
    }

    @Test func rateLimitHoldsUnderContention() async {
        let sampler = JaegerStrategySampler(.rateLimiting(tracesPerSecond: 100), after: nil, clock: .manual(ManualClock()))
        let kept = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<4 { group.addTask { await onOwnThread { (0..<1000).count { _ in self.isKept(sampler) != nil } } } }
            return await group.reduce(0, +)
        }
        #expect(kept == 100)
    }

    @Test func rateChangeGrantsNoTokenTwice() {
        let clock = TelemetryClock.manual(ManualClock())
        let first = JaegerStrategySampler(.rateLimiting(tracesPerSecond: 2), after: nil, clock: clock)
        #expect((0..<5).compactMap { _ in isKept(first) }.count == 2)
        let second = JaegerStrategySampler(.rateLimiting(tracesPerSecond: 5), after: first, clock: clock)
        #expect((0..<5).compactMap { _ in isKept(second) }.isEmpty)
        let other = JaegerOperationStrategies(defaultShare: 0, lowerBound: 1, shares: [:])
        #expect(isKept(JaegerStrategySampler(.perOperation(other), after: second, clock: clock)) != nil)
    }

    @Test func rateChangeBelowOneGrantsNoTokenTwice() {
        let clock = TelemetryClock.manual(ManualClock())
        let first = JaegerStrategySampler(.rateLimiting(tracesPerSecond: 0.5), after: nil, clock: clock)
        #expect((0..<5).compactMap { _ in isKept(first) }.count == 1)
        let second = JaegerStrategySampler(.rateLimiting(tracesPerSecond: 0.75), after: first, clock: clock)
        #expect((0..<5).compactMap { _ in isKept(second) }.isEmpty)
        func operations(_ lowerBound: Double) -> JaegerSamplingStrategy {
            .perOperation(JaegerOperationStrategies(defaultShare: 0, lowerBound: lowerBound, shares: [:]))
        }
        let third = JaegerStrategySampler(operations(0.5), after: second, clock: clock)
        #expect((0..<5).compactMap { _ in isKept(third, "a") }.count == 1)
        let fourth = JaegerStrategySampler(operations(0.25), after: third, clock: clock)
        #expect(isKept(fourth, "a") == nil && isKept(fourth, "b") != nil)
    }

    @Test func tokensAccrueAtTheNewRateAfterAChange() {
        let clock = ManualClock()
        let first = JaegerStrategySampler(.rateLimiting(tracesPerSecond: 2), after: nil, clock: .manual(clock))
        #expect((0..<20).compactMap { _ in isKept(first) }.count == 2)
        let second = JaegerStrategySampler(.rateLimiting(tracesPerSecond: 8), after: first, clock: .manual(clock))
        clock.advance(by: .seconds(1))
        #expect((0..<20).compactMap { _ in isKept(second) }.count == 8)
        let third = JaegerStrategySampler(.rateLimiting(tracesPerSecond: 1), after: second, clock: .manual(clock))
        clock.advance(by: .seconds(10))
        #expect((0..<20).compactMap { _ in isKept(third) }.count == 1)
    }
}
