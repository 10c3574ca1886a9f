// Sampling by a Jaeger strategy.

/// Decides by a strategy; holds the token buckets of its rate limits.
final class JaegerStrategySampler: Sendable {
    /// Longer names of operations share the default strategy: the table of buckets has a bound in bytes too.
    private static let maximumNameLength = 512

    let strategy: JaegerSamplingStrategy
    private let clock: TelemetryClock
    /// One by operation, or a single one under the empty name.
    private let buckets: Locked<[String: TokenBucket]>

    /// Continues the buckets of the previous strategy, so that a change of rates grants no token twice.
    init(_ strategy: JaegerSamplingStrategy, after previous: JaegerStrategySampler?, clock: TelemetryClock) {
        self.strategy = strategy
        self.clock = clock
        var buckets: [String: TokenBucket] = [:]
        let rate: Double
        switch strategy {
        case .probabilistic: rate = 0
        case .rateLimiting(let tracesPerSecond): rate = tracesPerSecond
        case .perOperation(let operations): rate = operations.lowerBound
        }
        if rate > 0, let previous, previous.strategy.isOfSameKind(as: strategy) {
            buckets = previous.buckets.withLock { $0 }
            let now = clock.monotonicNanoseconds()
            for name in buckets.keys { buckets[name]?.setRate(rate, nanoseconds: now) }
        }
        self.buckets = Locked(buckets)
    }

    /// Returns the attributes to add to a span that is kept; nil if it is dropped.
    ///
    /// Named as the Go SDK's remote sampler names them; no semantic convention does.
    func attributesIfKept(_ request: borrowing SamplingRequest) -> Attributes? {
        switch strategy {
        case .probabilistic(let share):
            return RatioSampler(share: share).keeps(request.traceID) ? Self.attributes("probabilistic", share) : nil
        case .rateLimiting(let tracesPerSecond):
            return takeToken("", ratePerSecond: tracesPerSecond) ? Self.attributes("ratelimiting", tracesPerSecond) : nil
        case .perOperation(let operations):
            let share = operations.shares[request.name] ?? operations.defaultShare
            let isKeptByShare = RatioSampler(share: share).keeps(request.traceID)
            // A trace that is kept by its share counts towards the lower bound too.
            let isKeptByRate =
                request.name.utf8.count <= Self.maximumNameLength && takeToken(request.name, ratePerSecond: operations.lowerBound)
            if isKeptByShare { return Self.attributes("probabilistic", share) }
            return isKeptByRate ? Self.attributes("ratelimiting", operations.lowerBound) : nil
        }
    }

    private func takeToken(_ name: String, ratePerSecond: Double) -> Bool {
        guard ratePerSecond > 0 else { return false }
        let now = clock.monotonicNanoseconds()
        return buckets.withLock { buckets in
            if buckets[name] == nil {
                guard buckets.count < JaegerOperationStrategies.maximumOperations else { return false }
                buckets[name] = TokenBucket(ratePerSecond: ratePerSecond, nanoseconds: now)
            }
            return buckets[name]?.take(nanoseconds: now) ?? false
        }
    }

    private static func attributes(_ kind: String, _ parameter: Double) -> Attributes {
        ["jaeger.sampler.type": .string(kind), "jaeger.sampler.param": .double(parameter)]
    }
}

extension JaegerSamplingStrategy {
    fileprivate func isOfSameKind(as other: JaegerSamplingStrategy) -> Bool {
        switch (self, other) {
        case (.probabilistic, .probabilistic), (.rateLimiting, .rateLimiting), (.perOperation, .perOperation): true
        default: false
        }
    }
}
