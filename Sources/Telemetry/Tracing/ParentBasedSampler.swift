// The sampler `.parentBased`.

/// Follows the parent's decision, and delegates spans without a valid parent to another sampler.
///
/// Each of the four kinds of parents can have a sampler of its own. (Specification: trace SDK, "ParentBased".)
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
    /// Follows the parent's decision, and delegates spans without a parent to this sampler.
    public static func parentBased(_ root: any Sampler) -> Self { ParentBasedSampler(root: root) }
}
