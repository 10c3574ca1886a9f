// What a span hands on to its children, near and far.

/// The part of a span that travels: its identifiers, flags and trace state. Immutable.
///
/// (Specification: trace API, "SpanContext".)
public struct SpanContext: Sendable, Hashable {
    public let traceID: TraceID
    public let spanID: SpanID
    public let flags: TraceFlags
    /// Whether it was extracted from a carrier; children of a remote parent are not remote themselves.
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

    /// Whether both identifiers are valid.
    @inline(__always)
    public var isValid: Bool { traceID.isValid && spanID.isValid }

    /// Whether the trace is kept by whoever made this context.
    @inline(__always)
    public var isSampled: Bool { flags.rawValue & TraceFlags.sampled.rawValue != 0 }
}
