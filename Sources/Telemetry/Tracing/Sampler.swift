// Decides which traces are kept.

/// A rule that decides, when a span starts, whether it is recorded and exported.
///
/// It is called on the caller's thread for every span and must be quick. (Specification: trace SDK, "Sampler".)
public protocol Sampler: Sendable {
    /// Returns the decision for a span that is about to start.
    func decision(for request: borrowing SamplingRequest) -> SamplingDecision

    /// The rule and its settings in a few words.
    var description: String { get }
}

/// What is known of a span that is about to start.
public struct SamplingRequest: Sendable {
    /// The context that the span is started in; it may hold no span.
    public let parent: Context
    /// The parent's trace identifier, or the new one of a root span.
    public let traceID: TraceID
    public let name: String
    public let kind: SpanKind
    public let attributes: Attributes
    public let links: [SpanLink]
    /// Whether the last 7 bytes of the trace identifier are known to be random: its W3C random flag.
    public let hasRandomTraceID: Bool
}

/// What becomes of a span, and what the sampler adds to it.
public struct SamplingDecision: Sendable {
    public enum Verdict: Sendable, Hashable {
        /// Neither recorded nor exported; the trace goes on.
        case drop
        /// Seen by processors, not exported, and not marked as sampled.
        case recordOnly
        /// Recorded, exported and marked as sampled.
        case recordAndSample
    }

    public let verdict: Verdict
    /// Added to the span's attributes.
    public let attributes: Attributes
    /// Replaces the parent's trace state; an empty one clears it.
    public let traceState: TraceState

    public init(_ verdict: Verdict, attributes: Attributes = [:], traceState: TraceState) {
        self.verdict = verdict
        self.attributes = attributes
        self.traceState = traceState
    }
}

/// Keeps every trace.
public struct AlwaysOnSampler: Sampler {
    public init() {}

    public func decision(for request: borrowing SamplingRequest) -> SamplingDecision {
        SamplingDecision(.recordAndSample, traceState: request.parent.spanContext.traceState)
    }

    public var description: String { "AlwaysOnSampler" }
}

/// Keeps no trace.
public struct AlwaysOffSampler: Sampler {
    public init() {}

    public func decision(for request: borrowing SamplingRequest) -> SamplingDecision {
        SamplingDecision(.drop, traceState: request.parent.spanContext.traceState)
    }

    public var description: String { "AlwaysOffSampler" }
}

extension Sampler where Self == AlwaysOnSampler {
    /// Keeps every trace.
    public static var alwaysOn: Self { AlwaysOnSampler() }
}

extension Sampler where Self == AlwaysOffSampler {
    /// Keeps no trace.
    public static var alwaysOff: Self { AlwaysOffSampler() }
}
