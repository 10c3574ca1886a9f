// Hot: the built-in samplers, decided without a dynamic call or an allocation.

/// A sampler, taken apart once so that the built-in rules cost a few comparisons.
struct SamplingPlan: Sendable {
    enum Verdict {
        case drop
        case record
        case keep
        /// Kept, and the trace state is to be `probabilityState`.
        case keepByProbability
        case ask
    }

    /// Decides where the rules answer `ask`.
    let sampler: any Sampler
    /// The text of the trace state of roots that a probability sampler keeps.
    ///
    /// As a text, and short: every root makes a state of its own from it. A shared one would be counted by all threads.
    let probabilityState: String
    private let rules: Rules

    init(_ sampler: any Sampler) {
        self.sampler = sampler
        rules = Rules.of(sampler)
        if case .threshold(let threshold) = rules.root.kind {
            probabilityState = "\(OpenTelemetryTraceState.key)=th:\(threshold.text)"
        } else {
            probabilityState = ""
        }
    }

    /// The verdict on a span without a parent; `isPlain` when its identifier is random and it is given no trace state.
    @inline(__always)
    func verdict(ofRoot traceID: TraceID, isPlain: Bool) -> Verdict { rules.root.verdict(traceID, isPlain: isPlain) }

    @inline(__always)
    func verdict(below parent: SpanContext) -> Verdict {
        let rule =
            parent.isRemote
            ? (parent.isSampled ? rules.remoteSampled : rules.remoteNotSampled)
            : (parent.isSampled ? rules.localSampled : rules.localNotSampled)
        return rule.verdict(parent.traceID, isPlain: parent.traceState.isEmpty)
    }
}

/// The rules of a sampler, one for each kind of parent and one for roots.
private struct Rules {
    var root: Rule
    var remoteSampled: Rule
    var remoteNotSampled: Rule
    var localSampled: Rule
    var localNotSampled: Rule

    static func of(_ sampler: any Sampler) -> Rules {
        switch sampler {
        case is AlwaysOnSampler: Rules(root: .keep, sampledParent: .keep, unsampledParent: .keep)
        case is AlwaysOffSampler: Rules(root: .drop, sampledParent: .drop, unsampledParent: .drop)
        // Below a parent the ratio sampler itself decides, since it may have to warn.
        case let ratio as RatioSampler: Rules(root: Rule(.share(ratio.threshold)))
        case let probability as ProbabilitySampler: Rules(root: Rule(threshold: probability.threshold))
        case let composite as CompositeSampler: of(composite.sampler)
        case let always as AlwaysRecordSampler: of(always.root).recordingDropped
        case let parentBased as ParentBasedSampler: of(parentBased)
        default: Rules(root: .ask)
        }
    }

    private static func of(_ sampler: ParentBasedSampler) -> Rules {
        var rules = Rules(root: of(sampler.root).root)
        rules.remoteSampled = of(sampler.remoteParentSampled).remoteSampled
        rules.remoteNotSampled = of(sampler.remoteParentNotSampled).remoteNotSampled
        rules.localSampled = of(sampler.localParentSampled).localSampled
        rules.localNotSampled = of(sampler.localParentNotSampled).localNotSampled
        return rules
    }

    private static func of(_ sampler: any ComposableSampler) -> Rules {
        switch sampler {
        case is ComposableAlwaysOn: Rules(root: Rule(threshold: .keepsAll))
        case let probability as ComposableProbability: Rules(root: Rule(threshold: probability.threshold))
        case let parent as ComposableParentThreshold:
            Rules(root: of(parent.root).root, sampledParent: Rule(.keepPlain), unsampledParent: Rule(.dropPlain))
        default: Rules(root: .ask)
        }
    }

    private var recordingDropped: Rules {
        var rules = self
        rules.root.recordsDropped = true
        rules.remoteSampled.recordsDropped = true
        rules.remoteNotSampled.recordsDropped = true
        rules.localSampled.recordsDropped = true
        rules.localNotSampled.recordsDropped = true
        return rules
    }

    private init(root: Rule, sampledParent: Rule = .ask, unsampledParent: Rule = .ask) {
        self.root = root
        (remoteSampled, remoteNotSampled) = (sampledParent, unsampledParent)
        (localSampled, localNotSampled) = (sampledParent, unsampledParent)
    }
}

/// The rule of a sampler for one kind of parent.
private struct Rule {
    enum Kind {
        case drop
        case keep
        /// By the last 8 bytes of the trace identifier.
        case share(UInt64)
        /// By the last 7 bytes of the trace identifier, without a trace state; with one the sampler itself decides.
        case threshold(SamplingThreshold)
        case keepPlain
        case dropPlain
        case ask
    }

    let kind: Kind
    var recordsDropped = false

    static let drop = Rule(.drop)
    static let keep = Rule(.keep)
    static let ask = Rule(.ask)

    init(_ kind: Kind) {
        self.kind = kind
    }

    init(threshold: SamplingThreshold?) {
        kind = threshold.map { .threshold($0) } ?? .dropPlain
    }

    @inline(__always)
    func verdict(_ traceID: TraceID, isPlain: Bool) -> SamplingPlan.Verdict {
        switch kind {
        case .drop: return dropped
        case .keep: return .keep
        case .share(let threshold): return traceID.low >> 1 < threshold ? .keep : dropped
        case .threshold(let threshold):
            guard isPlain else { return .ask }
            return threshold.keeps(traceID.low & SamplingThreshold.randomnessMask) ? .keepByProbability : dropped
        case .keepPlain: return isPlain ? .keep : .ask
        case .dropPlain: return isPlain ? dropped : .ask
        case .ask: return .ask
        }
    }

    @inline(__always)
    private var dropped: SamplingPlan.Verdict { recordsDropped ? .record : .drop }
}
