// Processors see every recorded span in order; exporters only those that are sampled.

import Testing

@testable import Telemetry

/// Records its calls.
private final class Witness: SpanProcessor {
    let name: String
    let journal: Journal<String>
    let parents = Journal<SpanContext>()
    let ended = Journal<ReadableSpan>()

    init(_ name: String, _ journal: Journal<String>) {
        self.name = name
        self.journal = journal
    }

    func onStart(_ span: TraceSpan, parent: Context) {
        journal.note("\(name) start")
        parents.note(parent.spanContext)
        span["seen by"] = .string(name)
        #expect(span.isRecording)
    }

    func onEnd(_ span: ReadableSpan) {
        journal.note("\(name) end")
        ended.note(span)
    }

    func forceFlush(deadline: Deadline) async -> FlushResult {
        journal.note("\(name) flush")
        return .completed
    }

    func shutdown(deadline: Deadline) async -> FlushResult {
        journal.note("\(name) shutdown")
        return .completed
    }
}

struct SpanProcessorTests {
    @Test func processorsAreCalledSynchronouslyInOrderOfRegistration() throws {
        let journal = Journal<String>()
        let first = Witness("first", journal)
        let second = Witness("second", journal)
        let recording = Recording(processors: [first, second])
        let parent = SpanContext.madeUp()
        let span = recording.tracer.startSpan("work", parent: Context.root.with(spanContext: parent), ["seen by": "nobody"])
        #expect(journal.entries == ["first start", "second start"])
        #expect(first.parents.entries == [parent])
        span.end()
        span.end()
        #expect(journal.entries == ["first start", "second start", "first end", "second end"])
        #expect(try first.ended.entries.first.unwrapped().attributes == ["seen by": "second"], "OnStart may still change the span.")
    }

    @Test func recordOnlySpanReachesProcessorsAndNoExporter() async throws {
        let witness = Witness("witness", Journal())
        let batched = InMemorySpanExporter()
        let immediate = InMemorySpanExporter()
        let recording = Recording(
            sampler: CustomSampler(.recordOnly),
            processors: [BatchSpanProcessor(batched), witness, SimpleSpanProcessor(immediate)])
        let span = recording.tracer.startSpan("work", parent: .root)
        #expect(span.isRecording && !span.context.isSampled)
        span.end()
        #expect(witness.ended.entries.map(\.name) == ["work"])
        #expect(try witness.ended.entries.first.unwrapped().context.isSampled == false)
        #expect(await recording.provider.shutdown(deadline: .after(.seconds(300))) == .completed)
        #expect(batched.finishedSpans.isEmpty && immediate.finishedSpans.isEmpty && recording.spans.isEmpty)
    }

    @Test func droppedSpanReachesNoProcessor() {
        let journal = Journal<String>()
        let recording = Recording(sampler: .alwaysOff, processors: [Witness("witness", journal)])
        recording.tracer.startSpan("work", parent: .root).end()
        #expect(journal.entries.isEmpty)
    }

    @Test func everyExporterGetsEverySampledSpan() async {
        let exporters = (0..<3).map { _ in InMemorySpanExporter() }
        let recording = Recording(
            processors: [BatchSpanProcessor(exporters[0]), BatchSpanProcessor(exporters[1]), SimpleSpanProcessor(exporters[2])])
        for index in 0..<50 { recording.tracer.startSpan("span \(index)", parent: .root).end() }
        #expect(await recording.provider.forceFlush(deadline: .after(.seconds(300))) == .completed)
        let expected = Set((0..<50).map { "span \($0)" })
        for exporter in exporters { #expect(Set(exporter.finishedSpans.map(\.name)) == expected && exporter.finishedSpans.count == 50) }
        _ = await recording.provider.shutdown(deadline: .after(.seconds(300)))
    }

    @Test func flushReachesEveryProcessorAndShutdownOnlyOnce() async {
        let journal = Journal<String>()
        let recording = Recording(processors: [Witness("first", journal), Witness("second", journal)])
        _ = await recording.provider.forceFlush(deadline: .after(.seconds(300)))
        #expect(Set(journal.entries) == ["first flush", "second flush"])
        _ = await recording.provider.shutdown(deadline: .after(.seconds(300)))
        _ = await recording.provider.shutdown(deadline: .after(.seconds(300)))
        #expect(journal.entries.count { $0 == "first shutdown" } == 1 && journal.entries.count { $0 == "second shutdown" } == 1)
    }
}
