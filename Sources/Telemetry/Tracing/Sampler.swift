// The protocol of samplers.

/// A rule that decides, when a span starts, whether it is recorded and exported.
///
/// It is called on the caller's thread for every span and must be quick. (Specification: trace SDK, "Sampler".)
public protocol Sampler: Sendable {
    /// Returns the decision for a span that is about to start.
    func decision(for request: borrowing SamplingRequest) -> SamplingDecision

    /// The rule and its settings in a few words.
    var description: String { get }
}
