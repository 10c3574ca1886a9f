// The part of a span that is propagated.

/// The immutable part of a span that is propagated: its identifiers, flags and trace state.
///
/// (Specification: trace API, "SpanContext".)
public struct SpanContext: Sendable, Hashable {
    public let traceID: TraceID
    public let spanID: SpanID
    public let flags: TraceFlags
    /// True if it was extracted from a carrier; children of a remote parent are not remote themselves.
    public let isRemote: Bool
    public let traceState: TraceState

    public init(
        traceID: TraceID, spanID: SpanID, flags: TraceFlags = [], traceState: TraceState = .empty, isRemote: Bool = false
    ) {
        self.traceID = traceID
        self.spanID = spanID
        self.flags = flags
        self.isRemote = isRemote
        self.traceState = traceState
    }

    /// The context of no span.
    public static var invalid: SpanContext { SpanContext(traceID: .invalid, spanID: .invalid) }

    /// True if both identifiers are valid.
    @inline(__always)
    public var isValid: Bool { traceID.isValid && spanID.isValid }

    /// True if the span that this context identifies was sampled.
    @inline(__always)
    public var isSampled: Bool { flags.rawValue & TraceFlags.sampled.rawValue != 0 }
}
