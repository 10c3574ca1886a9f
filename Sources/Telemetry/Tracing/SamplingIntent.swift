// The result of a composable sampler.

/// The threshold and the additions by which a composable sampler would sample a span.
public struct SamplingIntent: Sendable {
    /// Traces whose randomness reaches it are kept; nil keeps none.
    public var threshold: SamplingThreshold?
    /// Whether the threshold tells how many spans a kept one stands for.
    ///
    /// If not, the decision is made by a fresh random number, and the trace state names no threshold.
    public var isAdjustedCountReliable: Bool
    /// Returns the attributes to add to the span; called only if the span is kept.
    public var attributes: (@Sendable () -> Attributes)?
    /// Returns the new trace state, from the parent's and the decision.
    ///
    /// Changes of the member `ot` are discarded.
    public var traceState: (@Sendable (TraceState, SamplingDecision.Verdict) -> TraceState)?

    public init(
        threshold: SamplingThreshold?, isAdjustedCountReliable: Bool = true, attributes: (@Sendable () -> Attributes)? = nil,
        traceState: (@Sendable (TraceState, SamplingDecision.Verdict) -> TraceState)? = nil
    ) {
        self.threshold = threshold
        self.isAdjustedCountReliable = isAdjustedCountReliable
        self.attributes = attributes
        self.traceState = traceState
    }

    /// Keeps nothing.
    public static var drop: SamplingIntent { SamplingIntent(threshold: nil, isAdjustedCountReliable: false) }
}
