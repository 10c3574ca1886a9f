// The exporter for tests of the tracing signal.

/// Keeps finished spans in memory, for tests of programs that record spans.
///
/// Register it as a processor, so that a span is available as soon as it ends: `spans: [memory]`. Or put it behind a
/// processor that exports, `spans: [.batch(memory)]`, and flush before looking.
public final class InMemorySpanExporter: SpanExporter, SpanProcessor {
    private struct State {
        var spans: [ReadableSpan] = []
        var droppedCount = 0
        var isShutDown = false
    }

    /// The limit for kept spans; later ones are dropped and counted.
    public let capacity: Int
    private let state = Locked(State())

    public init(capacity: Int = 100_000) {
        precondition(capacity >= 0, "A capacity is not negative.")
        self.capacity = capacity
    }

    /// The kept spans, in the order in which they ended.
    public var finishedSpans: [ReadableSpan] { state.withLock { $0.spans } }

    /// The number of dropped spans.
    public var droppedCount: Int { state.withLock { $0.droppedCount } }

    /// Removes all spans.
    public func reset() {
        state.withLock { state in
            state.spans = []
            state.droppedCount = 0
        }
    }

    public func export(_ batch: borrowing SpanBatch, deadline: Deadline) async throws(ExportFailure) {
        // The span is copied, since the memory of the batch is reused.
        guard keep(batch.map(\.detached)) else { throw .shutDown }
    }

    public func onEnd(_ span: ReadableSpan) {
        guard span.context.isSampled else { return }
        _ = keep([span])
    }

    public func forceFlush(deadline: Deadline) async -> FlushResult { .completed }

    public func shutdown(deadline: Deadline) async -> FlushResult {
        state.withLock { $0.isShutDown = true }
        return .completed
    }

    private func keep(_ spans: [ReadableSpan]) -> Bool {
        state.withLock { state in
            guard !state.isShutDown else { return false }
            let room = max(0, capacity - state.spans.count)
            state.spans += spans.prefix(room)
            state.droppedCount += max(0, spans.count - room)
            return true
        }
    }
}
