// The result of a composable sampler.

/// How a composable sampler would sample a span.
public struct SamplingIntent: Sendable {
    /// Traces whose randomness reaches it are kept; nil keeps none.
    public var threshold: SamplingThreshold?
    /// Whether the threshold tells how many spans a kept one stands for.
    ///
    /// If not, the decision is made by a fresh random number, and the trace state names no threshold.
    public var isAdjustedCountReliable: Bool
    /// Gives the attributes to add to the span; asked only when the span is kept.
    public var attributes: (@Sendable () -> Attributes)?
    /// Gives the new trace state, from the parent's and the decision.
    ///
    /// The member `ot` is not its business: what it does with that one does not count.
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
