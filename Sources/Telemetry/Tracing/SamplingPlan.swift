// Hot: the built-in samplers, decided without a dynamic call or an allocation.

/// A sampler, taken apart once so that the built-in rules cost a few comparisons.
struct SamplingPlan: Sendable {
    enum Verdict {
        case drop
        case keep
        case ask
    }

    /// A rule for one kind of parent.
    private enum Rule: Sendable {
        case drop
        case keep
        case share(UInt64)
        case ask
    }

    /// Whom to ask when the rules say so.
    let sampler: any Sampler
    private let root: Rule
    private let remoteSampled: Rule
    private let remoteNotSampled: Rule
    private let localSampled: Rule
    private let localNotSampled: Rule

    init(_ sampler: any Sampler) {
        self.sampler = sampler
        if let parentBased = sampler as? ParentBasedSampler {
            root = Self.rule(parentBased.root, belowParent: false)
            remoteSampled = Self.rule(parentBased.remoteParentSampled, belowParent: true)
            remoteNotSampled = Self.rule(parentBased.remoteParentNotSampled, belowParent: true)
            localSampled = Self.rule(parentBased.localParentSampled, belowParent: true)
            localNotSampled = Self.rule(parentBased.localParentNotSampled, belowParent: true)
        } else {
            root = Self.rule(sampler, belowParent: false)
            let below = Self.rule(sampler, belowParent: true)
            (remoteSampled, remoteNotSampled, localSampled, localNotSampled) = (below, below, below, below)
        }
    }

    private static func rule(_ sampler: any Sampler, belowParent: Bool) -> Rule {
        switch sampler {
        case is AlwaysOnSampler: .keep
        case is AlwaysOffSampler: .drop
        // Below a parent the sampler itself is asked, since it has a warning to give.
        case let ratio as RatioSampler where !belowParent: .share(ratio.threshold)
        default: .ask
        }
    }

    @inline(__always)
    func verdict(ofRoot traceID: TraceID) -> Verdict { verdict(root, traceID) }

    @inline(__always)
    func verdict(belowParent isRemote: Bool, isSampled: Bool, traceID: TraceID) -> Verdict {
        if isRemote { return verdict(isSampled ? remoteSampled : remoteNotSampled, traceID) }
        return verdict(isSampled ? localSampled : localNotSampled, traceID)
    }

    @inline(__always)
    private func verdict(_ rule: Rule, _ traceID: TraceID) -> Verdict {
        switch rule {
        case .drop: .drop
        case .keep: .keep
        case .share(let threshold): traceID.low >> 1 < threshold ? .keep : .drop
        case .ask: .ask
        }
    }
}
