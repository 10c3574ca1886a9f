// The result of a sampler.

/// The verdict on a span, and the sampler's attributes and trace state.
public struct SamplingDecision: Sendable {
    public enum Verdict: Sendable, Hashable {
        /// Neither recorded nor exported; the trace continues.
        case drop
        /// Seen by processors, not exported, and not marked as sampled.
        case recordOnly
        /// Recorded, exported and marked as sampled.
        case recordAndSample
    }

    public let verdict: Verdict
    /// Added to the span's attributes.
    public let attributes: Attributes
    /// Replaces the parent's trace state; an empty one clears it, nil keeps it.
    public let traceState: TraceState?

    public init(_ verdict: Verdict, attributes: Attributes = [:], traceState: TraceState? = nil) {
        self.verdict = verdict
        self.attributes = attributes
        self.traceState = traceState
    }
}
