// The composable sampler `.parentThreshold`.

/// Follows the parent's decision and its threshold, and delegates roots to another rule.
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

extension ComposableParentThreshold: CheckedSettings {
    var problem: ConfigurationError? { [root].firstProblem }
}

extension ComposableSampler where Self == ComposableParentThreshold {
    /// Follows the parent, and delegates spans without one to this rule.
    public static func parentThreshold(root: any ComposableSampler) -> Self { ComposableParentThreshold(root: root) }
}
