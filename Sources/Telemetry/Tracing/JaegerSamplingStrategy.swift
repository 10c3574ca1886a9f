// What a Jaeger sampling server answers, and what follows from it for a span.

/// How a service is to be sampled, as the remote sampling protocol of Jaeger says it.
/// <https://github.com/jaegertracing/jaeger-idl/blob/main/proto/api_v2/sampling.proto>
enum JaegerSamplingStrategy: Sendable, Hashable {
    case probabilistic(share: Double)
    case rateLimiting(tracesPerSecond: Double)
    case perOperation(JaegerOperationStrategies)

    /// Reads an answer; a member that is left out has protobuf's default, zero.
    ///
    /// Which strategy it is shows in which of them is there, as the protocol recommends. The type, a word or in older answers
    /// a number, tells only between two that are both there.
    init(_ answer: JSONValue) throws(JaegerAnswerError) {
        guard case .object = answer else { throw JaegerAnswerError("it is no JSON object") }
        let rateLimiting = answer.present("rateLimitingSampling")
        let isRateLimiting = answer["strategyType"] == .string("RATE_LIMITING") || answer["strategyType"] == .integer(1)
        if let operations = answer.present("operationSampling") {
            self = .perOperation(try JaegerOperationStrategies(operations))
        } else if let probabilistic = answer.present("probabilisticSampling"), !(isRateLimiting && rateLimiting != nil) {
            self = .probabilistic(share: try probabilistic.number("samplingRate", in: 0...1))
        } else if let rateLimiting {
            self = .rateLimiting(tracesPerSecond: try rateLimiting.number("maxTracesPerSecond", in: 0...1e9))
        } else {
            throw JaegerAnswerError("it holds no sampling strategy")
        }
    }
}

/// Shares by operation, and how many traces of each operation are kept at least.
struct JaegerOperationStrategies: Sendable, Hashable {
    /// Further operations are sampled by the default.
    static let maximumOperations = 2000

    let defaultShare: Double
    /// Traces a second that are kept of every operation, be it named or not.
    let lowerBound: Double
    /// By the name of the span.
    let shares: [String: Double]

    init(defaultShare: Double, lowerBound: Double, shares: [String: Double]) {
        self.defaultShare = defaultShare
        self.lowerBound = lowerBound
        self.shares = shares
    }

    fileprivate init(_ answer: JSONValue) throws(JaegerAnswerError) {
        defaultShare = try answer.number("defaultSamplingProbability", in: 0...1)
        lowerBound = try answer.number("defaultLowerBoundTracesPerSecond", in: 0...1e9)
        var shares: [String: Double] = [:]
        for strategy in answer.present("perOperationStrategies")?.elements ?? [] {
            guard let operation = strategy["operation"]?.text else { throw JaegerAnswerError("a strategy names no operation") }
            guard shares.count < Self.maximumOperations || shares[operation] != nil else { continue }
            shares[operation] = try strategy.present("probabilisticSampling")?.number("samplingRate", in: 0...1) ?? 0
        }
        self.shares = shares
    }
}

/// Why an answer is no sampling strategy.
struct JaegerAnswerError: Error, Hashable, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

extension JSONValue {
    /// The member, unless it is null.
    fileprivate func present(_ key: String) -> JSONValue? { self[key].flatMap { $0 == .null ? nil : $0 } }

    fileprivate func number(_ key: String, in range: ClosedRange<Double>) throws(JaegerAnswerError) -> Double {
        guard let value = present(key) else { return 0 }
        guard let number = value.number, range.contains(number) else {
            throw JaegerAnswerError("\(key) is no number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }
}

/// Decides by a strategy; holds the buckets of what is limited by rate.
final class JaegerStrategySampler: Sendable {
    /// Longer names of operations share the default strategy: the table of buckets has a bound in bytes too.
    private static let maximumNameLength = 512

    let strategy: JaegerSamplingStrategy
    private let clock: TelemetryClock
    /// One by operation, or a single one under the empty name.
    private let buckets: Locked<[String: TokenBucket]>

    /// Goes on with the buckets of the strategy before, so that a change of rates grants no trace twice.
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

    /// What is added to a span that is kept; nil when it is dropped.
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

extension JaegerSamplingStrategy: CustomStringConvertible {
    var description: String {
        switch self {
        case .probabilistic(let share): "probabilistic \(share)"
        case .rateLimiting(let tracesPerSecond): "\(tracesPerSecond) traces a second"
        case .perOperation(let operations):
            "\(operations.shares.count) operations, others \(operations.defaultShare), at least \(operations.lowerBound) traces a second"
        }
    }
}
