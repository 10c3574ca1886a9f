// The dispatch of span ends to processors.

/// The processors of a provider, sorted by how the end of a span reaches them.
final class SpanProcessorList: Sendable {
    /// All processors that were given, in order.
    let all: [any SpanProcessor]
    /// The processors that must be called.
    let called: [any SpanProcessor]
    /// The processors that may change a span when it ends.
    private let ending: [any EndingSpanProcessor]
    /// The pipeline that spans write to directly, of a processor in `all`.
    let directPipeline: Unmanaged<ExportPipeline>?

    init(_ all: [any SpanProcessor]) {
        self.all = all
        ending = all.compactMap { $0 as? any EndingSpanProcessor }
        // One pipeline, since the end of a span checks by one flag whether any processor must be called: further ones cost nothing without them.
        let paths = ProcessorPaths(all, atMost: 1) { $0 is any EndingSpanProcessor }
        directPipeline = paths.direct.first.map { .passUnretained($0) }
        called = paths.called
    }

    /// The pipelines of the processors that export, in order.
    var pipelines: [ExportPipeline] { all.exportPipelines }
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
