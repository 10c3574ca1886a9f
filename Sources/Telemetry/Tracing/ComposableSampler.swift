// The protocol of samplers that are combined by a composite sampler.

/// A rule that can be combined with others. It returns the threshold by which it would sample, and leaves the decision to a
/// ``CompositeSampler``.
///
/// It is called on the caller's thread and must be quick. It must not depend on the trace's randomness, or its threshold
/// would not be a probability any more; therefore it does not get the trace identifier.
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
