// OnEnding: processors that change a span when it ends.

import Synchronization
import Testing

@testable import Telemetry

/// Applies a test's closure to each ending span, and records its calls.
private final class Finisher: EndingSpanProcessor {
    let name: String
    let journal: Journal<String>
    let ended = Journal<ReadableSpan>()
    private let change: @Sendable (borrowing EndingSpan) -> Void

    init(_ name: String = "finisher", _ journal: Journal<String> = Journal(), _ change: @escaping @Sendable (borrowing EndingSpan) -> Void)
    {
        self.name = name
        self.journal = journal
        self.change = change
    }

    func onEnding(_ span: borrowing EndingSpan) {
        journal.note("\(name) ending")
        change(span)
    }

    func onEnd(_ span: ReadableSpan) {
        journal.note("\(name) end")
        ended.note(span)
    }
}

/// Records only the ends of spans.
private final class Bystander: SpanProcessor {
    let journal: Journal<String>

    init(_ journal: Journal<String>) {
        self.journal = journal
    }

    func onEnd(_ span: ReadableSpan) { journal.note("bystander end") }
}

struct EndingSpanTests {
    @Test func changesDuringOnEndingReachEveryProcessorAndExporter() async throws {
        let finisher = Finisher { span in
            span["added"] = "late"
            span["changed"] = 2
            span.setAttributes(["several": true])
            span.updateName("renamed")
            span.addEvent("event", ["e": 1])
            span.addLink(.madeUp(), ["l": 1])
            span.recordException(NothingThere(), ["exception.message": "mine"])
            span.setStatus(.error("found out late"))
            #expect(span["added"] == "late" && span.context.isValid)
        }
        let exported = InMemorySpanExporter()
        // The exporting processor stands before the one that changes the span.
        let recording = Recording(processors: [BatchSpanProcessor(exported), finisher])
        recording.tracer.startSpan("work", parent: .root, ["changed": 1]).end()
        #expect(await recording.provider.forceFlush(deadline: .after(.seconds(300))) == .completed)
        for span in [exported.finishedSpans.first, recording.spans.first, finisher.ended.entries.first] {
            let span = try span.unwrapped()
            #expect(span.name == "renamed" && span.status == .error("found out late"))
            #expect(span.attributes == ["changed": 2, "added": "late", "several": true])
            #expect(span.events.map(\.name) == ["event", "exception"] && span.events.last?.attributes["exception.message"] == "mine")
            #expect(span.links.map(\.context) == [.madeUp()])
        }
        #expect(exported.finishedSpans.count == 1 && recording.spans.count == 1)
        _ = await recording.provider.shutdown(deadline: .after(.seconds(300)))
    }

    @Test func onEndingIsCalledInOrderBeforeAnyOnEnd() throws {
        let journal = Journal<String>()
        let first = Finisher("first", journal) { $0["seen by"] = "first" }
        let second = Finisher("second", journal) { span in
            #expect(span["seen by"] == "first" && span.snapshot.attributes == ["seen by": "first"])
            span["seen by"] = "second"
        }
        let recording = Recording(processors: [first, Bystander(journal), second])
        let span = recording.tracer.startSpan("work", parent: .root)
        span.end()
        span.end()
        #expect(journal.entries == ["first ending", "second ending", "first end", "bystander end", "second end"])
        #expect(try first.ended.entries.first.unwrapped().attributes == ["seen by": "second"])
    }

    @Test func endTimeIsFixedBeforeOnEnding() throws {
        let clock = Mutex<ManualClock?>(nil)
        let finisher = Finisher { span in
            clock.withLock { $0 }?.advance(by: .seconds(5))
            span.addEvent("took its time")
            #expect(span.snapshot.hasEnded && span.snapshot.duration == .seconds(1))
        }
        let recording = Recording(processors: [finisher])
        clock.withLock { $0 = recording.clock }
        let span = recording.tracer.startSpan("work", parent: .root)
        recording.clock.advance(by: .seconds(1))
        span.end()
        let finished = try recording.spans.first.unwrapped()
        #expect(finished.duration == .seconds(1) && finished.events.first?.time == finished.startTime.advanced(by: .seconds(6)))
    }

    @Test func otherHandlesCannotChangeAnEndingSpan() async throws {
        let written = Counter()
        let finisher = Finisher { ending in
            let span = ending.span
            #expect(!span.isRecording && span.context == ending.context)
            span["by the handle"] = 1
            span.end(at: Timestamp(nanosecondsSinceEpoch: .max))
            let done = Semaphore()
            let isStarted = WorkerThread.start(named: "other") {
                span["by another thread"] = 1
                span.addEvent("by another thread")
                span.updateName("by another thread")
                written.next()
                done.post()
            }
            #expect(isStarted && done.wait(until: .after(.seconds(60))))
            ending["by the processor"] = 1
        }
        let recording = Recording(processors: [finisher])
        let span = recording.tracer.startSpan("work", parent: .root)
        span.end()
        let finished = try recording.spans.first.unwrapped()
        #expect(written.count == 1 && finished.attributes == ["by the processor": 1])
        #expect(finished.name == "work" && finished.events.isEmpty && finished.duration == .zero)
    }

    @Test func limitsApplyDuringOnEnding() throws {
        let finisher = Finisher { span in
            span["b"] = 2
            span["text"] = "long"
        }
        let recording = Recording(limits: SpanLimits(attributeCount: 2, attributeValueLength: 1), processors: [finisher])
        let finished = try recording.finished(["text": "short"])
        #expect(finished.attributes == ["text": "l", "b": 2] && finished.droppedAttributeCount == 0)
        let other = try recording.finished(["a": 1, "text": "short"])
        #expect(other.attributes == ["a": 1, "text": "l"] && other.droppedAttributeCount == 1)
    }

    @Test func onEndingIsCalledForRecordOnlySpansAndNotForDroppedOnes() {
        let finisher = Finisher { _ in }
        let recordOnly = Recording(sampler: CustomSampler(.recordOnly), processors: [finisher])
        recordOnly.tracer.startSpan("work", parent: .root).end()
        #expect(finisher.journal.entries == ["finisher ending", "finisher end"] && recordOnly.spans.isEmpty)
        Recording(sampler: .alwaysOff, processors: [finisher]).tracer.startSpan("work", parent: .root).end()
        #expect(finisher.journal.entries.count == 2)
    }

    @Test func onEndingIsCalledOncePerSpanUnderContention() async {
        let finisher = Finisher { $0["count"] = AttributeValue(($0["count"]?.intValue ?? 0) + 1) }
        let recording = Recording(processors: [finisher])
        let spans = (0..<100).map { recording.tracer.startSpan("span \($0)", parent: .root) }
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<4 { group.addTask { for span in spans { span.end() } } }
        }
        #expect(recording.spans.count == 100 && recording.spans.allSatisfy { $0.attributes == ["count": 1] })
    }
}
