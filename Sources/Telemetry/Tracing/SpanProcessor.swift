// The protocol of span processors.

/// Sees spans start and end, on the caller's thread and in the order of registration.
///
/// It gets every recorded span, also those that are not to be exported. One that changes spans when they end is an
/// ``EndingSpanProcessor``. (Specification: trace SDK, "Span processor".)
public protocol SpanProcessor: TelemetryComponent {
    /// Called when a span has started. The span can still be changed, kept, and read with ``TraceSpan/snapshot``.
    func onStart(_ span: TraceSpan, parent: Context)

    /// Called when a span has ended; must not block.
    func onEnd(_ span: ReadableSpan)

    /// Exports all spans that ended before, unless the deadline comes first.
    func forceFlush(deadline: Deadline) async -> FlushResult

    /// Delivers what was given to it before, unless the deadline comes first, and ignores what comes later.
    func shutdown(deadline: Deadline) async -> FlushResult
}

extension SpanProcessor {
    public func onStart(_ span: TraceSpan, parent: Context) {}
}
