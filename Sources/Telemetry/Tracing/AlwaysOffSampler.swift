// The sampler `.alwaysOff`.

/// Keeps no trace.
public struct AlwaysOffSampler: Sampler {
    public init() {}

    public func decision(for request: borrowing SamplingRequest) -> SamplingDecision {
        SamplingDecision(.drop, traceState: request.parent.spanContext.traceState)
    }

    public var description: String { "AlwaysOffSampler" }
}

extension Sampler where Self == AlwaysOffSampler {
    /// Keeps no trace.
    public static var alwaysOff: Self { AlwaysOffSampler() }
}
