// What samplers that are made of others say to one another.

/// A rule that can be combined with others: it says by which threshold it would sample, and leaves the decision to a
/// ``CompositeSampler``.
///
/// It is called on the caller's thread and must be quick. It must not look at the trace's randomness, or what it says would
/// not be a probability any more; therefore it is not told the trace identifier.
/// (Specification: trace SDK, "ComposableSampler".)
///
/// ```swift
/// struct ForPartner: ComposableSampler {
///     let description = "ForPartner"
///
///     func intent(for request: borrowing ComposableRequest) -> SamplingIntent {
///         let isPartner = request.parent.baggage["customer.kind"] == "partner"
///         return SamplingIntent(threshold: isPartner ? .keepsAll : SamplingThreshold(probability: 0.01))
///     }
/// }
/// ```
public protocol ComposableSampler: Sendable {
    /// Returns how this rule would sample a span that is about to start.
    func intent(for request: borrowing ComposableRequest) -> SamplingIntent

    /// The rule and its settings in a few words.
    var description: String { get }
}

/// What a composable sampler knows of a span that is about to start.
public struct ComposableRequest: Sendable {
    /// The context that the span is started in; it may hold no span.
    public let parent: Context
    public let name: String
    public let kind: SpanKind
    public let attributes: Attributes
    public let links: [SpanLink]
    /// The threshold by which the parent was sampled.
    ///
    /// Nil for a root, for a parent that names none, and for one whose decision does not follow from what it names: then its
    /// probability is not known. (Specification: probability sampling, "General requirements".)
    public let parentThreshold: SamplingThreshold?

    init(_ request: borrowing SamplingRequest, parentThreshold: SamplingThreshold?) {
        parent = request.parent
        name = request.name
        kind = request.kind
        attributes = request.attributes
        links = request.links
        self.parentThreshold = parentThreshold
    }
}

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
