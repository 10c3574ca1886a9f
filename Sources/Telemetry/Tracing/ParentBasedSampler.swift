// Follows the parent's decision, and asks another rule for roots.

/// Follows the parent's decision, and asks another sampler for spans without a valid parent.
///
/// What follows from a parent can be chosen for each of the four kinds of parents. (Specification: trace SDK, "ParentBased".)
public struct ParentBasedSampler: Sampler {
    public let root: any Sampler
    public let remoteParentSampled: any Sampler
    public let remoteParentNotSampled: any Sampler
    public let localParentSampled: any Sampler
    public let localParentNotSampled: any Sampler

    public init(
        root: any Sampler, remoteParentSampled: any Sampler = .alwaysOn, remoteParentNotSampled: any Sampler = .alwaysOff,
        localParentSampled: any Sampler = .alwaysOn, localParentNotSampled: any Sampler = .alwaysOff
    ) {
        self.root = root
        self.remoteParentSampled = remoteParentSampled
        self.remoteParentNotSampled = remoteParentNotSampled
        self.localParentSampled = localParentSampled
        self.localParentNotSampled = localParentNotSampled
    }

    public func decision(for request: borrowing SamplingRequest) -> SamplingDecision {
        delegate(for: request.parent.spanContext).decision(for: request)
    }

    private func delegate(for parent: SpanContext) -> any Sampler {
        guard parent.isValid else { return root }
        if parent.isRemote { return parent.isSampled ? remoteParentSampled : remoteParentNotSampled }
        return parent.isSampled ? localParentSampled : localParentNotSampled
    }

    public var description: String {
        "ParentBased{root:\(root.description),remoteParentSampled:\(remoteParentSampled.description),"
            + "remoteParentNotSampled:\(remoteParentNotSampled.description),localParentSampled:\(localParentSampled.description),"
            + "localParentNotSampled:\(localParentNotSampled.description)}"
    }
}

extension Sampler where Self == ParentBasedSampler {
    /// Follows the parent's decision, and asks this sampler for spans without a parent.
    public static func parentBased(_ root: any Sampler) -> Self { ParentBasedSampler(root: root) }
}
