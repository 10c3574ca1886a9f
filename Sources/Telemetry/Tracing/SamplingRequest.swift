// The input of a sampler.

/// The properties of a span that is about to start.
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
