// The sampler `.composite`: the decision on the intent of a composable sampler.

/// Decides by what a composable sampler intends, and writes the threshold to the trace state (`ot=th:…`).
///
/// ```swift
/// let sampler: any Sampler = .composite(
///     .parentThreshold(
///         root: .ruleBased([
///             .rule("health checks", .alwaysOff) { $0.name == "GET /health" },
///             .rule("checkout", .alwaysOn) { $0.attributes["http.route"] == "/checkout" },
///             .otherwise(.probability(0.1)),
///         ])))
/// ```
///
/// (Specification: trace SDK, "CompositeSampler".)
public struct CompositeSampler: Sampler {
    /// Returns the threshold by which a span would be sampled.
    public let sampler: any ComposableSampler

    public init(_ sampler: any ComposableSampler) {
        self.sampler = sampler
    }

    public func decision(for request: borrowing SamplingRequest) -> SamplingDecision {
        let parent = request.parent.spanContext
        var state = OpenTelemetryTraceState(parent.traceState)
        if !parent.isValid { request.insertRandomness(into: &state) }
        let randomness = state.randomness(of: request.traceID)
        let parentThreshold = parent.isValid ? state.threshold.flatMap { $0.keeps(randomness) == parent.isSampled ? $0 : nil } : nil
        let intent = sampler.intent(for: ComposableRequest(request, parentThreshold: parentThreshold))
        let decisive =
            intent.isAdjustedCountReliable ? randomness : RandomLanes.shared.number() & SamplingThreshold.randomnessMask
        let isKept = intent.threshold?.keeps(decisive) ?? false
        let verdict: SamplingDecision.Verdict = isKept ? .recordAndSample : .drop
        state.threshold = isKept && intent.isAdjustedCountReliable ? intent.threshold : nil
        return SamplingDecision(
            verdict, attributes: isKept ? intent.attributes?() ?? [:] : [:],
            traceState: state.written(to: intent.traceState?(parent.traceState, verdict) ?? parent.traceState))
    }

    public var description: String { "CompositeSampler{\(sampler.description)}" }
}

extension CompositeSampler: CheckedSettings {
    var problem: ConfigurationError? { [sampler].firstProblem }
}

extension Sampler where Self == CompositeSampler {
    /// Decides by what a composable sampler intends: `.composite(.parentThreshold(root: .probability(0.1)))`.
    public static func composite(_ sampler: any ComposableSampler) -> Self { CompositeSampler(sampler) }
}
