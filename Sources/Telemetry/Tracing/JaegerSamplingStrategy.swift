// The answer of a Jaeger sampling server.

/// A sampling strategy of Jaeger's remote sampling protocol.
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
    /// Traces a second that are kept of every operation, named or not.
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
