// The composable sampler `.alwaysOn`.

/// Keeps every trace. (Specification: trace SDK, "ComposableAlwaysOn".)
public struct ComposableAlwaysOn: ComposableSampler {
    public init() {}

    public func intent(for request: borrowing ComposableRequest) -> SamplingIntent { SamplingIntent(threshold: .keepsAll) }

    public var description: String { "ComposableAlwaysOn" }
}

extension ComposableSampler where Self == ComposableAlwaysOn {
    /// Keeps every trace.
    public static var alwaysOn: Self { ComposableAlwaysOn() }
}
