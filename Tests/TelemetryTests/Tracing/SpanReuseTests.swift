// The object of an ended span becomes another span only when nothing refers to it.

import Synchronization
import Testing

@testable import Telemetry

struct SpanReuseTests {
    private func startMany(_ tracer: Tracer, _ count: Int = 200) {
        for index in 0..<count {
            let span = tracer.startSpan("other", parent: .root)
            span["other"] = AttributeValue(index)
            span.end()
        }
    }

    private func identity(_ span: TraceSpan) -> ObjectIdentifier? { span.recorder.map { ObjectIdentifier($0) } }

    @Test func objectOfAnEndedSpanIsUsedAgain() {
        let recording = Recording()
        var objects: Set<ObjectIdentifier> = []
        for _ in 0..<200 {
            let span = recording.tracer.startSpan("work", parent: .root)
            if let identity = identity(span) { objects.insert(identity) }
            span.end()
        }
        // The thread may move between processors, and other tests share the pool.
        #expect(objects.count < 100)
    }

    @Test func handleKeptAfterTheEndStillShowsItsSpan() throws {
        let recording = Recording()
        let kept = recording.tracer.startSpan("kept", kind: .client, parent: .root)
        kept["mine"] = true
        let context = kept.context
        kept.end()
        startMany(recording.tracer)
        #expect(kept.context == context && !kept.isRecording)
        #expect(kept.attributes == ["mine": true])
        let snapshot = try kept.snapshot.unwrapped()
        #expect(snapshot.name == "kept" && snapshot.kind == .client && snapshot.spanID == context.spanID)
    }

    @Test func contextKeptAfterTheEndIsStillTheParent() throws {
        let recording = Recording()
        var kept = Context.root
        var spanContext = SpanContext.invalid
        do {
            let span = recording.tracer.startSpan("parent", parent: .root)
            kept = Context.root.with(span: span)
            spanContext = span.context
            span.end()
        }
        startMany(recording.tracer)
        recording.tracer.startSpan("child", parent: kept).end()
        let child = try recording.spans.last.unwrapped()
        #expect(child.parentSpanID == spanContext.spanID && child.traceID == spanContext.traceID)
    }

    @Test func writesThroughAnOldHandleReachNoOtherSpan() {
        let recording = Recording()
        let kept = recording.tracer.startSpan("kept", parent: .root)
        kept.end()
        var others: [TraceSpan] = []
        for _ in 0..<50 {
            others.append(recording.tracer.startSpan("other", parent: .root))
            kept["stale"] = true
            kept.updateName("stale")
            kept.setStatus(.error("stale"))
            kept.end()
        }
        #expect(others.allSatisfy { $0.isRecording })
        for span in others { span.end() }
        #expect(recording.spans.count == 51)
        #expect(recording.spans.allSatisfy { $0.attributes.isEmpty && $0.name != "stale" && $0.status == .unset })
    }

    @Test func nothingOfTheFormerSpanIsLeft() throws {
        let recording = Recording(limits: SpanLimits(attributeCount: 2, eventCount: 0, linkCount: 0))
        for _ in 0..<100 {
            let full = recording.tracer.startSpan("full", kind: .server, parent: .root)
            for key in ["a", "b", "c"] { full[key] = 1 }
            full.addEvent("event")
            full.setStatus(.ok)
            full.end()
            recording.tracer.startSpan("plain", parent: .root).end()
            let plain = try recording.spans.last.unwrapped()
            #expect(plain.name == "plain" && plain.kind == .internal && plain.attributes.isEmpty && plain.status == .unset)
            #expect(plain.droppedAttributeCount == 0 && plain.droppedEventCount == 0 && !plain.parentSpanID.isValid)
        }
    }

    @Test func valuesOfTheHostAreNotKeptAlive() {
        final class Value: Sendable {
            let freed: Counter

            init(_ freed: Counter) {
                self.freed = freed
            }

            deinit { freed.next() }
        }
        let (recording, freed) = (Recording(), Counter())
        let key = ContextKey<Value?>("value", default: nil)
        for _ in 0..<50 {
            let context = Context.root.with(Value(freed), for: key)
            recording.tracer.startSpan("work", parent: context).end()
        }
        #expect(freed.count == 50)
    }

    /// Hands spans from thread to thread.
    private final class Shelf: Sendable {
        private let spans = Mutex<[TraceSpan]>([])

        /// Takes a span, and returns one of those before if there are more than twenty.
        func exchange(_ span: TraceSpan) -> TraceSpan? {
            spans.withLock { spans in
                spans.append(span)
                return spans.count > 20 ? spans.removeFirst() : nil
            }
        }

        var rest: [TraceSpan] { spans.withLock { $0 } }
    }

    @Test func spansHandedBetweenThreadsKeepTheirContents() async {
        let recording = Recording()
        let wrong = Counter()
        let shelf = Shelf()
        await withTaskGroup(of: Void.self) { group in
            for worker in 0..<4 {
                group.addTask {
                    for index in 0..<2_000 {
                        let name = "\(worker)-\(index)"
                        let span = recording.tracer.startSpan(name, parent: .root)
                        span["name"] = .string(name)
                        // Another thread ends the span and holds on to it for a while.
                        let other = shelf.exchange(span)
                        guard let other else { continue }
                        other.end()
                        let snapshot = other.snapshot
                        if snapshot?.attributes["name"]?.stringValue != snapshot?.name { wrong.next() }
                    }
                }
            }
        }
        for span in shelf.rest { span.end() }
        #expect(wrong.count == 0)
        #expect(recording.spans.count == 8_000)
        #expect(Set(recording.spans.map(\.spanID)).count == 8_000)
        #expect(recording.spans.allSatisfy { $0.attributes["name"]?.stringValue == $0.name })
    }

    @Test func childDoesNotStartBeforeItsParent() throws {
        let recording = Recording()
        // The clock of another thread may show a little less than the parent's start.
        let ahead = Timestamp(nanosecondsSinceEpoch: recording.clock.wallNanoseconds() + 50)
        let parent = recording.tracer.startSpan("parent", parent: .root, startTime: ahead)
        let child = recording.tracer.startSpan("child", parent: Context.root.with(span: parent))
        child.addEvent("early")
        child.end()
        let finished = try recording.spans.last.unwrapped()
        #expect(finished.startTime == ahead && finished.endTime == ahead && finished.events.first?.time == ahead)
    }
}
