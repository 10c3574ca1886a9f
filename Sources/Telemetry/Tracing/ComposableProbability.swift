// The composable sampler `.probability`.

/// Keeps a share of the traces, the same ones in every language; a share below 2⁻⁵⁶ keeps nothing.
///
/// (Specification: trace SDK, "ComposableProbability".)
public struct ComposableProbability: ComposableSampler {
    /// The share that is kept, from 0 to 1.
    public let share: Double
    /// Nil keeps nothing: never is not a probability.
    let threshold: SamplingThreshold?

    /// Takes a share from 0 (nothing) to 1 (everything).
    public init(share: Double) {
        precondition((0...1).contains(share), "A share lies between 0 and 1.")
        self.share = share
        threshold = SamplingThreshold(probability: share)
    }

    public func intent(for request: borrowing ComposableRequest) -> SamplingIntent {
        threshold.map { SamplingIntent(threshold: $0) } ?? .drop
    }

    public var description: String { "ComposableProbability{\(share)}" }
}

extension ComposableSampler where Self == ComposableProbability {
    /// Keeps this share of the traces, the same ones in every language.
    public static func probability(_ share: Double) -> Self { ComposableProbability(share: share) }
}
