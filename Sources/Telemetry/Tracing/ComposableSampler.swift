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
