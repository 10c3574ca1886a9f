// The sampler `.alwaysRecord`.

/// Turns the drops of another sampler into record-only: processors see every span, exporters the same ones as without it.
///
/// Made for metrics that are derived from spans. (Specification: trace SDK, "AlwaysRecord".)
public struct AlwaysRecordSampler: Sampler {
    /// Decides what is sampled.
    public let root: any Sampler

    public init(root: any Sampler) {
        self.root = root
    }

    public func decision(for request: borrowing SamplingRequest) -> SamplingDecision {
        let decision = root.decision(for: request)
        guard decision.verdict == .drop else { return decision }
        return SamplingDecision(.recordOnly, attributes: decision.attributes, traceState: decision.traceState)
    }

    public var description: String { "AlwaysRecordSampler{\(root.description)}" }
}

extension Sampler where Self == AlwaysRecordSampler {
    /// Records every span, and exports those that the other sampler keeps: `.alwaysRecord(.parentBased(.ratio(0.1)))`.
    public static func alwaysRecord(_ root: any Sampler) -> Self { AlwaysRecordSampler(root: root) }
}
