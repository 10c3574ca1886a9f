// The exporter for tests of the tracing signal.

/// Keeps finished spans in memory, for tests of programs that record spans.
///
/// Register it as a processor, so that a span is available as soon as it ends: `spans: [memory]`. Or put it behind a
/// processor that exports, `spans: [.batch(memory)]`, and flush before looking.
public final class InMemorySpanExporter: SpanExporter, SpanProcessor {
    private let kept: KeptItems<ReadableSpan>

    /// - Parameter capacity: the limit for kept spans; later ones are dropped and counted.
    public init(capacity: Int = 100_000) { kept = KeptItems(capacity: capacity) }

    /// The limit for kept spans.
    public var capacity: Int { kept.capacity }

    /// The kept spans, in the order in which they ended.
    public var finishedSpans: [ReadableSpan] { kept.items }

    /// Returns the kept spans of a name, in the order in which they ended.
    public func finishedSpans(named name: String) -> [ReadableSpan] { kept.items.filter { $0.name == name } }

    /// The number of dropped spans.
    public var droppedCount: Int { kept.droppedCount }

    /// Removes all spans.
    public func reset() { kept.removeAll() }

    public func export(_ batch: borrowing SpanBatch, deadline: Deadline) async throws(ExportFailure) {
        // The span is copied, since the memory of the batch is reused.
        guard kept.keep(batch.map(\.detached)) else { throw .shutDown }
    }

    public func onEnd(_ span: ReadableSpan) {
        guard span.context.isSampled else { return }
        _ = kept.keep([span])
    }

    public func forceFlush(deadline: Deadline) async -> FlushResult { .completed }

    public func shutdown(deadline: Deadline) async -> FlushResult {
        kept.close()
        return .completed
    }
}

extension InMemorySpanExporter: CheckedSettings {
    var problem: ConfigurationError? { KeptItems<ReadableSpan>.problem(capacity: capacity) }
}
