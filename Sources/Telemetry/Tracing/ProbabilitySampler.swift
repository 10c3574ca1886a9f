// The sampler `.probability`: consistent probability sampling.

import Synchronization

/// Keeps a share of the traces by comparing 56 random bits of each with a threshold.
///
/// It writes the threshold to the trace state (`ot=th:…`), so that a backend knows how many spans a kept one stands for.
///
/// Every SDK that follows the specification keeps the same traces at the same share. Like the ratio sampler it does not look
/// at the parent's decision: write `.parentBased(.probability(0.1))` to keep traces whole. A share below 2⁻⁵⁶ keeps nothing.
/// (Specification: trace SDK, "ProbabilitySampler".)
public struct ProbabilitySampler: Sampler, ShareSampler {
    static let setting = "probability"

    /// The share that is kept, from 0 to 1.
    public let share: Double
    /// Nil keeps nothing: never is not a probability.
    let threshold: SamplingThreshold?

    private static let isWarningDue = Atomic(true)

    /// Takes a share from 0 (nothing) to 1 (everything); the start of telemetry throws for another.
    public init(share: Double) {
        self.share = share
        threshold = SamplingThreshold(probability: Self.nearest(share))
    }

    public func decision(for request: borrowing SamplingRequest) -> SamplingDecision {
        reportProblem()
        let parent = request.parent.spanContext
        var state = OpenTelemetryTraceState(parent.traceState)
        if !parent.isValid {
            request.insertRandomness(into: &state)
        } else if Self.isWarningDue.load(ordering: .relaxed), let warning = Self.warning(parent, state),
            Self.isWarningDue.exchange(false, ordering: .relaxed)
        {
            Diagnostics.report(.warning, warning)
        }
        let isKept = threshold?.keeps(state.randomness(of: request.traceID)) ?? false
        state.threshold = isKept ? threshold : nil
        return SamplingDecision(isKept ? .recordAndSample : .drop, traceState: state.written(to: parent.traceState))
    }

    /// The warning about a trace that may have no randomness; nil if it has.
    static func warning(_ parent: SpanContext, _ state: OpenTelemetryTraceState) -> String? {
        guard state.randomness == nil, !parent.flags.contains(.random) else { return nil }
        return "The probability sampler takes trace identifiers of its callers for random, though the random flag is not set. "
            + "Let the callers use W3C Trace Context Level 2, or follow their decision with .parentBased(.probability(…))."
    }

    public var description: String { "ProbabilitySampler{\(share)}" }
}

extension Sampler where Self == ProbabilitySampler {
    /// Keeps this share of the traces, the same ones in every language, and writes it to the trace state.
    public static func probability(_ share: Double) -> Self { ProbabilitySampler(share: share) }
}

extension SamplingRequest {
    /// Gives a new trace explicit randomness when its identifier has none. (Specification: trace SDK, "Root samplers set
    /// explicit randomness for non-random TraceIDs".)
    func insertRandomness(into state: inout OpenTelemetryTraceState) {
        if !hasRandomTraceID { state.insertRandomness(RandomLanes.shared.number()) }
    }
}
