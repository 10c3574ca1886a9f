// The composable sampler `.probability`.

/// Keeps a share of the traces, the same ones in every language; a share below 2⁻⁵⁶ keeps nothing.
///
/// (Specification: trace SDK, "ComposableProbability".)
public struct ComposableProbability: ComposableSampler, ShareSampler {
    static let setting = "probability"

    /// The share that is kept, from 0 to 1.
    public let share: Double
    /// Nil keeps nothing: never is not a probability.
    let threshold: SamplingThreshold?

    /// Takes a share from 0 (nothing) to 1 (everything); the start of telemetry throws for another.
    public init(share: Double) {
        self.share = share
        threshold = SamplingThreshold(probability: Self.nearest(share))
    }

    public func intent(for request: borrowing ComposableRequest) -> SamplingIntent {
        reportProblem()
        return threshold.map { SamplingIntent(threshold: $0) } ?? .drop
    }

    public var description: String { "ComposableProbability{\(share)}" }
}

extension ComposableSampler where Self == ComposableProbability {
    /// Keeps this share of the traces, the same ones in every language.
    public static func probability(_ share: Double) -> Self { ComposableProbability(share: share) }
}
