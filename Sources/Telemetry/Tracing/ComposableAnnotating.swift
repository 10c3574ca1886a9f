// The composable sampler `.annotating`.

/// Samples as another rule does, and adds attributes to the spans that are kept.
///
/// (Specification: trace SDK, "ComposableAnnotating".)
public struct ComposableAnnotating: ComposableSampler {
    public let attributes: Attributes
    /// Decides what is sampled.
    public let delegate: any ComposableSampler

    public init(_ attributes: Attributes, _ delegate: any ComposableSampler) {
        self.attributes = attributes
        self.delegate = delegate
    }

    public func intent(for request: borrowing ComposableRequest) -> SamplingIntent {
        var intent = delegate.intent(for: request)
        intent.attributes = { [attributes, inner = intent.attributes] in (inner?() ?? [:]).merging(attributes) }
        return intent
    }

    public var description: String { "ComposableAnnotating{\(delegate.description),\(attributes)}" }
}

extension ComposableAnnotating: CheckedSettings {
    var problem: ConfigurationError? { [delegate].firstProblem }
}

extension ComposableSampler where Self == ComposableAnnotating {
    /// Adds attributes to the spans that the other rule keeps.
    public static func annotating(_ attributes: Attributes, _ delegate: any ComposableSampler) -> Self {
        ComposableAnnotating(attributes, delegate)
    }
}
