// The protocol of identifier generators.

/// Makes the identifiers of new traces and spans; called on the caller's thread for every span.
///
/// The default one makes random identifiers, which stay unique in a forked child process.
/// (Specification: trace SDK, "Id Generators".)
public protocol IDGenerator: Sendable {
    /// A new, valid trace identifier.
    func traceID() -> TraceID

    /// A new, valid span identifier.
    func spanID() -> SpanID

    /// Whether the last 7 bytes of its trace identifiers are random, so that the random flag is set.
    var makesRandomTraceIDs: Bool { get }
}

extension IDGenerator {
    public var makesRandomTraceIDs: Bool { false }
}
