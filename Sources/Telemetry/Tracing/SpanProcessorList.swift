// The dispatch of span ends to processors.

/// The processors of a provider, sorted by how the end of a span reaches them.
final class SpanProcessorList: Sendable {
    /// All processors that were given, in order.
    let all: [any SpanProcessor]
    /// The processors that must be called: all but the one that owns the direct pipeline.
    let called: [any SpanProcessor]
    /// The processors that may change a span when it ends.
    private let ending: [any EndingSpanProcessor]
    /// The pipeline that spans are appended to without a call of its processor, which is in `all`.
    let directPipeline: Unmanaged<ExportPipeline>?

    init(_ all: [any SpanProcessor]) {
        self.all = all
        ending = all.compactMap { $0 as? any EndingSpanProcessor }
        // A span that may change when it ends is appended after that, by the processor itself.
        if ending.isEmpty, let index = all.firstIndex(where: { $0 is any PipelineOwner }), let owner = all[index] as? any PipelineOwner {
            directPipeline = .passUnretained(owner.pipeline)
            called = Array(all[..<index] + all[(index + 1)...])
        } else {
            directPipeline = nil
            called = all
        }
    }

    /// The pipelines of the processors that export, in order.
    var pipelines: [ExportPipeline] { all.compactMap { ($0 as? any PipelineOwner)?.pipeline } }
}

extension SpanProcessorList: SpanObserver {
    func spanWillEnd(_ span: SpanRecorder) {
        for processor in ending { processor.onEnding(EndingSpan(span)) }
    }

    func spanDidEnd(_ span: SpanRecorder) {
        let span = span.snapshot
        for processor in called { processor.onEnd(span) }
    }
}

extension [any SpanProcessor] {
    /// Begins a flush, or the shutdown, of all processors at the same time.
    func requests(isShutdown: Bool, _ deadline: Deadline) -> [FlushRequest] {
        map { processor in
            .of(processor, isShutdown: isShutdown, deadline) {
                isShutdown ? await processor.shutdown(deadline: deadline) : await processor.forceFlush(deadline: deadline)
            }
        }
    }

    /// Shuts down processors that are not used after all, so that their threads end; does not wait for it.
    func retire() { _ = requests(isShutdown: true, .after(.seconds(5))) }
}
