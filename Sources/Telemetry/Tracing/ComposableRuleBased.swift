// The composable sampler `.ruleBased` and its rules.

/// Samples by the first of several rules that applies; a span to which none applies is dropped.
///
/// (Specification: trace SDK, "ComposableRuleBased".)
public struct ComposableRuleBased: ComposableSampler {
    /// Tried in order.
    public let rules: [SamplingRule]

    public init(_ rules: [SamplingRule]) {
        self.rules = rules
    }

    public func intent(for request: borrowing ComposableRequest) -> SamplingIntent {
        for rule in rules where rule.applies(request) { return rule.sampler.intent(for: request) }
        return .drop
    }

    public var description: String {
        "ComposableRuleBased{\(rules.map { "\($0.name):\($0.sampler.description)" }.joined(separator: ","))}"
    }
}

extension ComposableRuleBased: CheckedSettings {
    var problem: ConfigurationError? { rules.map(\.sampler).firstProblem }
}

/// Which sampler samples which spans.
public struct SamplingRule: Sendable {
    /// Names the spans in a few words, for descriptions.
    public let name: String
    /// Samples the spans to which the rule applies.
    public let sampler: any ComposableSampler
    let applies: @Sendable (borrowing ComposableRequest) -> Bool

    /// A rule that applies if the closure returns true; it is called on the caller's thread and must be quick.
    public static func rule(
        _ name: String, _ sampler: any ComposableSampler, when applies: @escaping @Sendable (borrowing ComposableRequest) -> Bool
    ) -> SamplingRule {
        SamplingRule(name: name, sampler: sampler, applies: applies)
    }

    /// A rule that always applies: the last one.
    public static func otherwise(_ sampler: any ComposableSampler) -> SamplingRule {
        SamplingRule(name: "otherwise", sampler: sampler) { _ in true }
    }
}

extension ComposableSampler where Self == ComposableRuleBased {
    /// Samples by the first of these rules that applies.
    public static func ruleBased(_ rules: [SamplingRule]) -> Self { ComposableRuleBased(rules) }
}
