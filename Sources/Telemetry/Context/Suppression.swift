// A context in which no telemetry is recorded: for code that delivers telemetry.

extension Context {
    /// This context without its span, and in which nothing is recorded: spans started in it do nothing.
    ///
    /// For code that delivers telemetry with a client that is itself instrumented: what that client does would else be
    /// recorded and delivered too, for ever. Exporters and the flush and shutdown of processors run in such a context
    /// already; make one current in work that they hand to threads or detached tasks of their own.
    ///
    /// Whatever span is put into it is not there, so that nothing is continued either. Baggage and values stay.
    public var suppressed: Context {
        Context(
            node: ContextNode(
                spanContext: .invalid,
                extras: ContextExtras(baggage: baggage, values: node?.extras?.values ?? [:], isSuppressed: true)))
    }

    /// Whether nothing is recorded in this context.
    public var isSuppressed: Bool { node?.extras?.isSuppressed ?? false }
}
