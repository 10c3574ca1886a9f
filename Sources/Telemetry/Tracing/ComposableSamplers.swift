// The composable samplers that the specification names.

/// Keeps every trace. (Specification: trace SDK, "ComposableAlwaysOn".)
public struct ComposableAlwaysOn: ComposableSampler {
    public init() {}

    public func intent(for request: borrowing ComposableRequest) -> SamplingIntent { SamplingIntent(threshold: .keepsAll) }

    public var description: String { "ComposableAlwaysOn" }
}

/// Keeps no trace. (Specification: trace SDK, "ComposableAlwaysOff".)
public struct ComposableAlwaysOff: ComposableSampler {
    public init() {}

    public func intent(for request: borrowing ComposableRequest) -> SamplingIntent { .drop }

    public var description: String { "ComposableAlwaysOff" }
}

/// Keeps a share of the traces, the same ones in every language; a share below 2⁻⁵⁶ keeps nothing.
///
/// (Specification: trace SDK, "ComposableProbability".)
public struct ComposableProbability: ComposableSampler {
    /// The share that is kept, from 0 to 1.
    public let share: Double
    /// Nil keeps nothing: never is not a probability.
    let threshold: SamplingThreshold?

    /// Takes a share from 0 (nothing) to 1 (everything).
    public init(share: Double) {
        precondition((0...1).contains(share), "A share lies between 0 and 1.")
        self.share = share
        threshold = SamplingThreshold(probability: share)
    }

    public func intent(for request: borrowing ComposableRequest) -> SamplingIntent {
        threshold.map { SamplingIntent(threshold: $0) } ?? .drop
    }

    public var description: String { "ComposableProbability{\(share)}" }
}

/// Follows the parent's decision and its threshold, and asks another rule for roots.
///
/// A sampled parent whose threshold is not known is followed too; how many spans the child stands for is then not known
/// either. (Specification: trace SDK, "ComposableParentThreshold".)
public struct ComposableParentThreshold: ComposableSampler {
    /// Asked for spans without a valid parent.
    public let root: any ComposableSampler

    public init(root: any ComposableSampler) {
        self.root = root
    }

    public func intent(for request: borrowing ComposableRequest) -> SamplingIntent {
        let parent = request.parent.spanContext
        guard parent.isValid else { return root.intent(for: request) }
        if let threshold = request.parentThreshold { return SamplingIntent(threshold: threshold) }
        return parent.isSampled ? SamplingIntent(threshold: .keepsAll, isAdjustedCountReliable: false) : .drop
    }

    public var description: String { "ComposableParentThreshold{root:\(root.description)}" }
}

/// Samples as another rule does, and adds attributes to the spans that are kept.
///
/// (Specification: trace SDK, "ComposableAnnotating".)
public struct ComposableAnnotating: ComposableSampler {
    public let attributes: Attributes
    /// Decides what is sampled.
    public let delegate: any ComposableSampler

    public init(_ attributes: Attributes, _ delegate: any ComposableSampler) {
        self.attributes = attributes
        self.delegate = delegate
    }

    public func intent(for request: borrowing ComposableRequest) -> SamplingIntent {
        var intent = delegate.intent(for: request)
        intent.attributes = { [attributes, inner = intent.attributes] in (inner?() ?? [:]).merging(attributes) }
        return intent
    }

    public var description: String { "ComposableAnnotating{\(delegate.description),\(attributes)}" }
}

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

/// Which sampler samples which spans.
public struct SamplingRule: Sendable {
    /// Which spans these are, in a few words for people.
    public let name: String
    /// Samples the spans to which the rule applies.
    public let sampler: any ComposableSampler
    let applies: @Sendable (borrowing ComposableRequest) -> Bool

    /// A rule that applies when the closure says so; that is called on the caller's thread and must be quick.
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

extension ComposableSampler where Self == ComposableAlwaysOn {
    /// Keeps every trace.
    public static var alwaysOn: Self { ComposableAlwaysOn() }
}

extension ComposableSampler where Self == ComposableAlwaysOff {
    /// Keeps no trace.
    public static var alwaysOff: Self { ComposableAlwaysOff() }
}

extension ComposableSampler where Self == ComposableProbability {
    /// Keeps this share of the traces, the same ones in every language.
    public static func probability(_ share: Double) -> Self { ComposableProbability(share: share) }
}

extension ComposableSampler where Self == ComposableParentThreshold {
    /// Follows the parent, and asks this rule for spans without one.
    public static func parentThreshold(root: any ComposableSampler) -> Self { ComposableParentThreshold(root: root) }
}

extension ComposableSampler where Self == ComposableRuleBased {
    /// Samples by the first of these rules that applies.
    public static func ruleBased(_ rules: [SamplingRule]) -> Self { ComposableRuleBased(rules) }
}

extension ComposableSampler where Self == ComposableAnnotating {
    /// Adds attributes to the spans that the other rule keeps.
    public static func annotating(_ attributes: Attributes, _ delegate: any ComposableSampler) -> Self {
        ComposableAnnotating(attributes, delegate)
    }
}
