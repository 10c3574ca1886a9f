// The protocol of processors that change ending spans.

/// A processor that may change a span when it ends, before any processor is notified of its end.
///
/// (Specification: trace SDK, "OnEnding", in development. A protocol of its own, so that ending a span costs nothing more
/// without such a processor.)
public protocol EndingSpanProcessor: SpanProcessor {
    /// Called when a span is about to end, on the thread that ends it; must not block.
    ///
    /// The end time is fixed. All processors that ask for it are called in the order of registration, and only then is
    /// the first one's ``SpanProcessor/onEnd(_:)`` called.
    func onEnding(_ span: borrowing EndingSpan)
}
