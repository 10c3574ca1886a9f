// The composable sampler `.alwaysOff`.

/// Keeps no trace. (Specification: trace SDK, "ComposableAlwaysOff".)
public struct ComposableAlwaysOff: ComposableSampler {
    public init() {}

    public func intent(for request: borrowing ComposableRequest) -> SamplingIntent { .drop }

    public var description: String { "ComposableAlwaysOff" }
}

extension ComposableSampler where Self == ComposableAlwaysOff {
    /// Keeps no trace.
    public static var alwaysOff: Self { ComposableAlwaysOff() }
}
