// The sampler `.ratio`: the specification's TraceIdRatioBased.

import Synchronization

/// Keeps a share of the traces, the same ones wherever the same share is asked for. A larger share keeps all of a smaller one.
///
/// Ignores the parent's decision. The last 8 bytes of the trace identifier, shifted right by one, are compared with the share
/// of 2⁶³, as the Java, Go and Python SDKs do. (Specification: trace SDK, "TraceIdRatioBased".)
public struct RatioSampler: Sampler, ShareSampler {
    static let setting = "ratio"

    /// The share that is kept, from 0 to 1.
    public let share: Double
    let threshold: UInt64

    private static let isWarningDue = Atomic(true)

    /// Takes a share from 0 (nothing) to 1 (everything); the start of telemetry throws for another.
    public init(share: Double) {
        self.share = share
        threshold = UInt64(Self.nearest(share) * 0x1p63)
    }

    public func decision(for request: borrowing SamplingRequest) -> SamplingDecision {
        reportProblem()
        let parent = request.parent.spanContext
        // The flag is checked first, since making a warning takes longer than the decision.
        if parent.isValid, Self.isWarningDue.load(ordering: .relaxed), Self.isWarningDue.exchange(false, ordering: .relaxed) {
            Diagnostics.report(.warning, warning(parent))
        }
        return SamplingDecision(keeps(request.traceID) ? .recordAndSample : .drop, traceState: parent.traceState)
    }

    /// The warning about a span with a parent. (Specification: trace SDK, "Compatibility warnings".)
    func warning(_ parent: SpanContext) -> String {
        let state = OpenTelemetryTraceState(parent.traceState)
        let remedy = "Write .parentBased(.ratio(\(share))) to keep traces whole, or .probability(\(share))."
        return state.threshold != nil || state.randomness != nil
            ? "A ratio sampler decides on a span whose parent was sampled by a probability sampler: the two do not keep the same traces. "
                + remedy
            : "A ratio sampler decides on a span that has a parent: other SDKs may keep other traces at the same ratio. " + remedy
    }

    @inline(__always)
    func keeps(_ traceID: TraceID) -> Bool { traceID.low >> 1 < threshold }

    public var description: String { "TraceIdRatioBased{\(share)}" }
}

extension Sampler where Self == RatioSampler {
    /// Keeps this share of the traces, chosen by trace identifier.
    public static func ratio(_ share: Double) -> Self { RatioSampler(share: share) }
}
