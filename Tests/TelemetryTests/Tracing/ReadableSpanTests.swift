// What can be read of a span that has ended.

import Testing

@testable import Telemetry

struct ReadableSpanTests {
    @Test func everyPropertyIsDecoded() throws {
        let recording = Recording()
        let parent = SpanContext.madeUp(isRemote: true, traceState: "a=1")
        let link = SpanLink(.madeUp(traceState: "b=2"), ["l": [1, nil]])
        let span = recording.tracer.startSpan(
            "work", kind: .consumer, parent: Context.root.with(spanContext: parent), ["a": 1], links: [link])
        recording.clock.advance(by: .milliseconds(2))
        span.addEvent("event", ["e": .bytes([1])])
        recording.clock.advance(by: .milliseconds(3))
        span.setStatus(.error("broken"))
        span.end()
        let finished = try recording.spans.first.unwrapped()
        let start = Timestamp(nanosecondsSinceEpoch: 1_000_000_000_000_000_000)
        #expect(finished.context == span.context && finished.traceID == span.context.traceID && finished.spanID == span.context.spanID)
        #expect(finished.parentContext == parent && finished.parentSpanID == parent.spanID && finished.hasRemoteParent)
        #expect(finished.name == "work" && finished.kind == .consumer && finished.hasEnded)
        #expect(finished.startTime == start && finished.endTime == start.advanced(by: .milliseconds(5)))
        #expect(finished.duration == .milliseconds(5))
        #expect(finished.attributes == ["a": 1] && finished.links == [link] && finished.status == .error("broken"))
        #expect(
            finished.events == [
                SpanEvent(
                    name: "event", time: start.advanced(by: .milliseconds(2)), attributes: ["e": .bytes([1])], droppedAttributeCount: 0)
            ])
        #expect(finished.droppedAttributeCount == 0 && finished.droppedEventCount == 0 && finished.droppedLinkCount == 0)
        #expect(finished.instrumentationScope == InstrumentationScope(name: "tests", version: "1", schemaURL: "https://example.com/scope"))
        #expect(finished.resource == Resource(attributes: ["service.name": "tests"], schemaURL: "https://example.com/resource"))
    }

    @Test func processorsSeeFlagsAndTraceStateOfTheParent() throws {
        let state = try TraceState(headerValue: "new=1").unwrapped()
        let recording = Recording(sampler: CustomSampler { _ in SamplingDecision(.recordAndSample, traceState: state) })
        for parent in [
            SpanContext.madeUp(isSampled: false, isRemote: true, traceState: "old=1"), .madeUp(isSampled: true),
            .madeUp(traceState: "new=1"),
        ] {
            let span = recording.tracer.startSpan("work", parent: Context.root.with(spanContext: parent))
            span.setStatus(.error("with a message"))
            span.end()
            let finished = try recording.spans.last.unwrapped()
            #expect(finished.parentContext == parent && finished.context.traceState == state && finished.context.isSampled)
            #expect(finished.status == .error("with a message"))
        }
    }

    @Test func exportersSeeTheParentAsItIsSent() async throws {
        let memory = InMemorySpanExporter()
        let recording = Recording(processors: [BatchSpanProcessor(memory)])
        let parent = SpanContext.madeUp(isRemote: true, traceState: "a=1")
        recording.tracer.startSpan("work", parent: Context.root.with(spanContext: parent)).end()
        #expect(await recording.provider.shutdown(deadline: .after(.seconds(300))) == .completed)
        #expect(try memory.finishedSpans.first.unwrapped().parentContext == parent)
    }

    @Test func snapshotShowsWhatWasRecordedSoFar() throws {
        let recording = Recording()
        let parent = SpanContext.madeUp(traceState: "a=1")
        let span = recording.tracer.startSpan("work", kind: .server, parent: Context.root.with(spanContext: parent), ["a": 1])
        let before = try span.snapshot.unwrapped()
        #expect(!before.hasEnded && before.duration == .zero && before.name == "work" && before.kind == .server)
        #expect(
            before.attributes == ["a": 1] && before.parentContext == parent
                && before.instrumentationScope == recording.tracer.instrumentationScope)
        span["b"] = 2
        recording.clock.advance(by: .seconds(1))
        span.end()
        let after = try span.snapshot.unwrapped()
        #expect(after.hasEnded && after.duration == .seconds(1) && after.attributes == ["a": 1, "b": 2])
        #expect(before.attributes == ["a": 1], "A snapshot stays what it was.")
        #expect(TraceSpan.nonRecording(parent).snapshot == nil)
    }

    @Test func rootSpanHasNoParent() throws {
        let finished = try Recording().finished()
        #expect(finished.parentContext == .invalid && !finished.parentSpanID.isValid && !finished.hasRemoteParent)
        #expect(finished.kind == .internal && finished.status == .unset && finished.links.isEmpty && finished.events.isEmpty)
    }

    @Test(arguments: SpanKind.allCases)
    func everyKindIsDecoded(kind: SpanKind) throws {
        let recording = Recording()
        recording.tracer.startSpan("work", kind: kind, parent: .root).end()
        #expect(try recording.spans.first.unwrapped().kind == kind)
    }

    @Test func invalidBytesDecodeAsAnEmptySpan() {
        let scope = RecordedScope(InstrumentationScope(name: "received"), resource: RecordedResource(.empty))
        for bytes in [[], [0xFF], [0x0A, 3, 1, 2, 3], [0x78, 1], [0x7A, 1, 0xFF]] as [[UInt8]] {
            let span = ReadableSpan(EncodedItem(bytes: bytes, received: scope))
            #expect(span.name == "" && span.context == .invalid && span.attributes.isEmpty && span.status == .unset)
            #expect(span.duration == .zero && span.instrumentationScope.name == "received")
        }
    }
}
