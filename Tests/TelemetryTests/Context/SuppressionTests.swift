// Suppressed contexts, in which nothing is recorded: exports do not trace themselves.

import Synchronization
import Testing

@testable import Telemetry

struct SuppressionTests {
    @Test func suppressedContextNeverHoldsSpan() {
        let recording = Recording()
        let span = recording.tracer.startSpan("work", parent: .root)
        let baggage = Baggage.empty.setting("user", to: "42")
        let key = ContextKey("key", default: 0)
        let suppressed = Context.root.with(span: span).with(baggage: baggage).with(7, for: key).suppressed
        let contexts = [
            suppressed, suppressed.with(span: span), suppressed.with(spanContext: .madeUp()), suppressed.with(baggage: baggage),
            suppressed.with(7, for: key), suppressed.suppressed, suppressed.with(span: .nonRecording(.madeUp())),
        ]
        for context in contexts {
            #expect(context.isSuppressed && !context.spanContext.isValid && !context.span.isRecording)
            #expect(context.baggage == baggage && context[key] == 7)
            let inner = recording.tracer.startSpan("inner", parent: context)
            #expect(!inner.isRecording && inner.context == .invalid)
        }
        #expect(!Context.root.isSuppressed && !Context.root.with(span: span).isSuppressed)
        #expect(Context.root.suppressed.with(baggage: .empty).isSuppressed)
    }

    @Test func suppressionFollowsNestedSpansAndChildTasksUntilScopeEnds() async {
        let recording = Recording()
        let tracer = recording.tracer
        await Context.root.suppressed.run {
            await tracer.withSpan("one") { _ in
                #expect(Context.current.isSuppressed)
                tracer.withSpan("two") { #expect(!$0.isRecording) }
                await withTaskGroup(of: Void.self) { group in
                    for _ in 0..<3 { group.addTask { tracer.startSpan("child").end() } }
                }
                await Task { tracer.startSpan("task").end() }.value
            }
        }
        #expect(recording.spans.isEmpty && !Context.current.isSuppressed)
        tracer.startSpan("after", parent: .root).end()
        #expect(recording.spans.map(\.name) == ["after"])
    }

    /// An exporter whose own client is instrumented with the very tracer whose spans it delivers.
    private final class InstrumentedExporter: SpanExporter {
        let tracer = Mutex<Tracer?>(nil)
        let exported = Journal<String>()
        let asked = Counter()

        private nonisolated(nonsending) func request(_ name: String) async {
            guard let tracer = tracer.withLock({ $0 }) else { return }
            await tracer.withSpan(name) { span in
                #expect(!span.isRecording)
                await Task.yield()
                await withTaskGroup(of: Void.self) { group in
                    group.addTask { tracer.withSpan("connect") { $0["attempt"] = 1 } }
                }
                var headers: [String: String] = [:]
                W3CTraceContextPropagator().inject(.current, into: &headers)
                #expect(headers.isEmpty)
            }
            asked.next()
        }

        func export(_ batch: borrowing SpanBatch, deadline: Deadline) async throws(ExportFailure) {
            for span in batch { exported.note(span.name) }
            await request("POST")
        }

        func forceFlush(deadline: Deadline) async -> FlushResult {
            await request("flush")
            return .completed
        }

        func shutdown(deadline: Deadline) async -> FlushResult {
            await request("shutdown")
            return .completed
        }
    }

    @Test(arguments: [1, 2])
    func exporterWithInstrumentedClientDoesNotFeedItself(destinations: Int) async {
        let exporters = (0..<destinations).map { _ in InstrumentedExporter() }
        let processor = BatchSpanProcessor(exporters: exporters, options: BatchOptions(maxQueueSize: 16, maxExportBatchSize: 1))
        let provider = TracerProvider(
            resource: .empty, sampler: .alwaysOn, limits: SpanLimits(), processors: [processor], idGenerator: nil, clock: .system)
        let tracer = provider.tracer(InstrumentationScope(name: "tests"))
        for exporter in exporters { exporter.tracer.withLock { $0 = tracer } }
        tracer.startSpan("work", parent: .root).end()
        for _ in 0..<3 { #expect(await provider.forceFlush(deadline: .after(.seconds(300))) == .completed) }
        #expect(await provider.shutdown(deadline: .after(.seconds(300))) == .completed)
        for exporter in exporters {
            #expect(exporter.exported.entries == ["work"] && exporter.asked.count >= 5)
        }
        #expect(processor.pipeline.health.allSatisfy { $0.accepted == 1 && $0.exported == 1 })
    }

    /// A processor whose flush and shutdown do work that is traced.
    private final class InstrumentedProcessor: SpanProcessor {
        let tracer = Mutex<Tracer?>(nil)

        func onEnd(_ span: ReadableSpan) {}

        func forceFlush(deadline: Deadline) async -> FlushResult {
            tracer.withLock { $0 }?.withSpan("flush") { #expect(!$0.isRecording) }
            return .completed
        }
    }

    @Test func flushOfProcessorIsNotTraced() async {
        let processor = InstrumentedProcessor()
        let recording = Recording(processors: [processor])
        processor.tracer.withLock { $0 = recording.tracer }
        #expect(await recording.provider.forceFlush(deadline: .after(.seconds(300))) == .completed)
        #expect(recording.spans.isEmpty)
    }
}
