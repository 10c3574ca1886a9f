// A span becomes exactly the OTLP message that the protocol describes, once.

import Testing

@testable import Telemetry

struct SpanRecorderTests {
    private func message(of span: ReadableSpan) -> [UInt8] { span.withMessage { Array($0) } }

    @Test func spanIsEncodedAsTheOTLPMessage() throws {
        let recording = Recording(idGenerator: CountingIDs(makesRandomTraceIDs: true))
        let span = recording.tracer.startSpan("GET", kind: .server, parent: .root, ["n": 300])
        recording.clock.advance(by: .nanoseconds(1))
        span.end()
        let expected: [UInt8] = [
            0x0A, 16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1,  // trace_id
            0x12, 8, 0, 0, 0, 0, 0, 0, 1, 1,  // span_id
            0x2A, 3, 0x47, 0x45, 0x54,  // name
            0x30, 2,  // kind
            0x39, 0, 0, 0x64, 0xA7, 0xB3, 0xB6, 0xE0, 0x0D,  // start: 10^18
            0x41, 1, 0, 0x64, 0xA7, 0xB3, 0xB6, 0xE0, 0x0D,  // end: 10^18 + 1
            0x4A, 8, 0x0A, 1, 0x6E, 0x12, 3, 0x18, 0xAC, 0x02,  // attribute n = 300
            0x85, 0x01, 0x03, 0x01, 0, 0,  // flags: sampled, random, remoteness known
        ]
        #expect(message(of: try recording.spans.first.unwrapped()) == expected)
    }

    @Test(arguments: [0, 1, 8, 15, 16, 40, 99, 100, 127, 128, 4096])
    func attributeOfBytesIsThatOfTheirText(count: Int) throws {
        let text = String(repeating: "é", count: count / 2) + (count % 2 == 0 ? "" : "x")
        for limits in [SpanLimits(), SpanLimits(attributeValueLength: 5)] {
            let recording = Recording(limits: limits)
            let span = recording.tracer.startSpan("GET", parent: .root)
            span["text"] = .string(text)
            span.setAttribute("bytes", utf8: Array(text.utf8))
            span["again"] = 1
            span.setAttribute("again", utf8: Array(text.utf8))
            span.end()
            span.setAttribute("late", utf8: Array(text.utf8))
            let finished = try recording.spans.first.unwrapped()
            #expect(finished.attributes["bytes"] == finished.attributes["text"])
            #expect(finished.attributes["again"] == finished.attributes["text"])
            #expect(finished.attributes.count == 3)
        }
    }

    @Test func optionalFieldsAreEncodedAsTheOTLPMessage() throws {
        let limits = SpanLimits(attributeCount: 0, eventCount: 1, linkCount: 1)
        let recording = Recording(limits: limits, idGenerator: CountingIDs())
        let parent = SpanContext.madeUp(isRemote: true, traceState: "a=1")
        let linked = SpanContext(
            traceID: TraceID(high: 1, low: 2), spanID: SpanID(3), flags: .sampled, traceState: .empty, isRemote: true)
        let span = recording.tracer.startSpan("", parent: Context.root.with(spanContext: parent), ["a": 1, "b": 2])
        span.addEvent("e", ["t": true], at: Timestamp(nanosecondsSinceEpoch: 5))
        span.addEvent("f")
        span.addLink(linked)
        span.addLink(linked)
        span.addLink(linked)
        span.setStatus(.error("no"))
        span.end()
        let expected: [UInt8] = [
            0x0A, 16, 0, 0, 0, 0, 0, 0, 0, 0xA1, 0, 0, 0, 0, 0, 0, 0, 0xB2,  // trace_id
            0x12, 8, 0, 0, 0, 0, 0, 0, 1, 1,  // span_id
            0x22, 8, 0, 0, 0, 0, 0, 0, 0, 0xC3,  // parent_span_id
            0x2A, 0,  // name
            0x30, 1,  // kind
            0x39, 0, 0, 0x64, 0xA7, 0xB3, 0xB6, 0xE0, 0x0D,  // start
            0x41, 0, 0, 0x64, 0xA7, 0xB3, 0xB6, 0xE0, 0x0D,  // end
            0x5A, 21, 0x09, 5, 0, 0, 0, 0, 0, 0, 0, 0x12, 1, 0x65, 0x1A, 7, 0x0A, 1, 0x74, 0x12, 2, 0x10, 1,  // event
            0x6A, 33, 0x0A, 16, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2, 0x12, 8, 0, 0, 0, 0, 0, 0, 0, 3,  // link
            0x35, 0x01, 0x03, 0, 0,  // flags of the link: sampled, remote
            0x85, 0x01, 0x01, 0x03, 0, 0,  // flags: sampled, parent remote
            0x1A, 3, 0x61, 0x3D, 0x31,  // trace_state
            0x50, 2,  // dropped attributes
            0x60, 1,  // dropped events
            0x70, 2,  // dropped links
            0x7A, 6, 0x12, 2, 0x6E, 0x6F, 0x18, 2,  // status
        ]
        #expect(message(of: try recording.spans.first.unwrapped()) == expected)
    }

    @Test func directPipelineAndOnEndGetTheSameBytes() async throws {
        let exported = InMemorySpanExporter()
        let recording = Recording(processors: [BatchSpanProcessor(exported)])
        for index in 0..<100 {
            let span = recording.tracer.startSpan("span \(index)", parent: .root, ["index": AttributeValue(index), "flag": true])
            if index % 3 == 0 { span.addEvent("event", ["a": ["b": [1, .empty, "c"]]]) }
            if index % 5 == 0 { span.setStatus(index % 2 == 0 ? .ok : .error("broken")) }
            span.end()
        }
        #expect(await recording.provider.shutdown(deadline: .after(.seconds(300))) == .completed)
        let seen = Dictionary(uniqueKeysWithValues: recording.spans.map { ($0.spanID, message(of: $0)) })
        let delivered = Dictionary(uniqueKeysWithValues: exported.finishedSpans.map { ($0.spanID, message(of: $0)) })
        #expect(delivered.count == 100)
        #expect(seen == delivered)
    }

    @Test func endIsIdempotentAndLaterChangesAreIgnored() throws {
        let recording = Recording()
        let span = recording.tracer.startSpan("before", parent: .root, ["a": 1])
        #expect(span.isRecording)
        let time = Timestamp(nanosecondsSinceEpoch: 2_000_000_000_000_000_000)
        span.end(at: time)
        #expect(!span.isRecording)
        let bytes = message(of: try recording.spans.first.unwrapped())
        recording.clock.advance(by: .seconds(5))
        span["a"] = 2
        span["b"] = 3
        span.setAttribute("c", 4)
        span.setAttributes(["d": 5])
        span.addEvent("late")
        span.addLink(.madeUp())
        span.recordException(NothingThere())
        span.setStatus(.error("late"))
        span.updateName("after")
        span.end()
        span.end(at: .now)
        #expect(recording.spans.count == 1)
        let finished = try recording.spans.first.unwrapped()
        #expect(message(of: finished) == bytes)
        #expect(finished.name == "before" && finished.endTime == time && finished.hasEnded)
        #expect(span["a"] == 1 && span["b"] == nil)
    }

    @Test func attributesCanBeReadWhileRecording() {
        let span = Recording().tracer.startSpan("work", parent: .root, ["b": 1, "a": "text", "list": [1, "two"]])
        span.addEvent("between", ["of the event": 1])
        span["b"] = 2
        span["c"] = .bytes([1])
        #expect(span.attributes == ["b": 2, "a": "text", "list": .array([1, "two"]), "c": .bytes([1])])
        span.end()
        span["d"] = 1
        #expect(span.attributes.map(\.key) == ["b", "a", "list", "c"])
        #expect(TraceSpan.nonRecording(.madeUp()).attributes.isEmpty)
    }

    @Test func endedSpanCanStillBeAParent() throws {
        let recording = Recording()
        let parent = recording.tracer.startSpan("parent", parent: .root)
        let early = recording.tracer.startSpan("early", parent: Context.root.with(span: parent))
        parent.end()
        #expect(early.isRecording)
        let late = recording.tracer.startSpan("late", parent: Context.root.with(span: parent))
        early.end()
        late.end()
        #expect(recording.spans.map(\.name) == ["parent", "early", "late"])
        for child in recording.spans.dropFirst() {
            #expect(child.parentSpanID == parent.context.spanID && child.traceID == parent.context.traceID)
        }
    }

    @Test func endBeforeTheStartIsClampedToTheStart() throws {
        let recording = Recording()
        let start = Timestamp(nanosecondsSinceEpoch: 1_700_000_000_000_000_000)
        let span = recording.tracer.startSpan("work", parent: .root, startTime: start)
        span.end(at: Timestamp(nanosecondsSinceEpoch: 5))
        let finished = try recording.spans.first.unwrapped()
        #expect(finished.startTime == start && finished.endTime == start && finished.duration == .zero)
    }

    @Test func explicitTimesAreExported() throws {
        let recording = Recording()
        func time(_ number: UInt64) -> Timestamp { Timestamp(nanosecondsSinceEpoch: number) }
        let span = recording.tracer.startSpan("work", parent: .root, startTime: time(100))
        span.addEvent("event", at: time(150))
        span.recordException(NothingThere(), at: time(160))
        span.end(at: time(200))
        let finished = try recording.spans.first.unwrapped()
        #expect(finished.startTime == time(100) && finished.endTime == time(200) && finished.duration == .nanoseconds(100))
        #expect(finished.events.map(\.time) == [time(150), time(160)])
    }

    @Test func updateNameReplacesTheName() throws {
        let recording = Recording()
        let long = String(repeating: "a name 🎷 ", count: 100)
        #expect(try recording.finished { $0.updateName(long) }.name == long)
        #expect(try recording.finished { $0.updateName("") }.name == "")
    }

    @Test(
        arguments: [
            ([], SpanStatus.unset), ([.ok], .ok), ([.error("a")], .error("a")), ([.error("a"), .error("b")], .error("b")),
            ([.error("a"), .unset], .error("a")), ([.ok, .error("a")], .ok), ([.ok, .unset], .ok), ([.error("a"), .ok], .ok),
            ([.error("a"), .ok, .error("b"), .unset], .ok), ([.unset], .unset), ([.error()], .error("")),
            ([.error("a"), .error("")], .error("")),
        ] as [([SpanStatus], SpanStatus)])
    func okIsFinalErrorOutranksUnsetAndUnsetIsIgnored(set: [SpanStatus], expected: SpanStatus) throws {
        let finished = try Recording().finished { span in for status in set { span.setStatus(status) } }
        #expect(finished.status == expected)
    }
}
