// The sampler `.alwaysOn`.

/// Keeps every trace.
public struct AlwaysOnSampler: Sampler {
    public init() {}

    public func decision(for request: borrowing SamplingRequest) -> SamplingDecision {
        SamplingDecision(.recordAndSample, traceState: request.parent.spanContext.traceState)
    }

    public var description: String { "AlwaysOnSampler" }
}

extension Sampler where Self == AlwaysOnSampler {
    /// Keeps every trace.
    public static var alwaysOn: Self { AlwaysOnSampler() }
}
