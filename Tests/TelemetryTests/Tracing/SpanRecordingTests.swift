// What a span records, and what it hands on.

import Synchronization
import Testing

@testable import Telemetry

/// A provider that keeps what it records in memory.
struct Recording {
    let memory = InMemorySpanExporter()
    let provider: TracerProvider
    let tracer: Tracer

    init(
        sampler: any Sampler = .alwaysOn, limits: SpanLimits = SpanLimits(), idGenerator: (any IDGenerator)? = nil,
        clock: TelemetryClock = .system
    ) {
        provider = TracerProvider(
            resource: Resource(attributes: ["service.name": "test"]), sampler: sampler, limits: limits, processors: [memory],
            idGenerator: idGenerator, clock: clock)
        tracer = provider.tracer(InstrumentationScope(name: "tests", version: "1"))
    }

    var spans: [FinishedSpan] { memory.finishedSpans }
}

@Suite struct SpanRecordingTests {
    @Test func aSpanKeepsAllThatItWasGiven() throws {
        let clock = ManualClock()
        let recording = Recording(clock: .manual(clock))
        let parent = recording.tracer.startSpan("parent", parent: .root)
        let linked = recording.tracer.startSpan("linked", parent: .root).context
        let span = recording.tracer.startSpan(
            "first", kind: .client, parent: Context.root.with(span: parent), ["at.start": 1], links: [SpanLink(linked, ["why": "because"])])
        span["later"] = "two"
        span.addEvent("happened", ["n": 3])
        span.updateName("second")
        span.setStatus(.error("broken"))
        clock.advance(by: .milliseconds(5))
        span.end()
        let finished = try #require(recording.spans.first)
        #expect(finished.name == "second")
        #expect(finished.kind == .client)
        #expect(finished.traceID == parent.context.traceID)
        #expect(finished.parentSpanID == parent.context.spanID)
        #expect(!finished.hasRemoteParent)
        #expect(finished.attributes == ["at.start": 1, "later": "two"])
        #expect(finished.duration == .milliseconds(5))
        #expect(finished.status == .error("broken"))
        #expect(finished.events.map(\.name) == ["happened"])
        #expect(finished.events.first?.attributes == ["n": 3])
        #expect(finished.links.first?.context.spanID == linked.spanID)
        #expect(finished.links.first?.attributes == ["why": "because"])
        #expect(finished.scope.name == "tests")
        #expect(finished.resource.attributes["service.name"] == "test")
    }

    @Test func theBytesOfASpanAreThoseOfTheProtocol() throws {
        struct Fixed: IDGenerator {
            func traceID() -> TraceID { TraceID(high: 0x0102_0304_0506_0708, low: 0x090A_0B0C_0D0E_0F10) }
            func spanID() -> SpanID { SpanID(0x1112_1314_1516_1718) }
        }
        let recording = Recording(idGenerator: Fixed())
        let span = recording.tracer.startSpan("n", kind: .server, parent: .root, startTime: Timestamp(nanosecondsSinceEpoch: 1))
        span["k"] = "v"
        span["b"] = true
        span["i"] = -1
        span.end(at: Timestamp(nanosecondsSinceEpoch: 2))
        let bytes = try #require(recording.spans.first).withMessage { Array($0) }
        let expected: [UInt8] =
            [0x0A, 16] + Array(1...16) + [0x12, 8] + Array(0x11...0x18) + [0x2A, 1, 0x6E] + [0x30, 2] + [0x39, 1, 0, 0, 0, 0, 0, 0, 0]
            + [0x41, 2, 0, 0, 0, 0, 0, 0, 0] + [0x4A, 8, 0x0A, 1, 0x6B, 0x12, 3, 0x0A, 1, 0x76]
            + [0x4A, 7, 0x0A, 1, 0x62, 0x12, 2, 0x10, 1]
            + [0x4A, 16, 0x0A, 1, 0x69, 0x12, 11, 0x18, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1]
            + [0x85, 0x01, 0x01, 0x01, 0, 0]
        #expect(bytes == expected)
    }

    @Test func everyKindOfValueComesBackAsItWas() throws {
        let recording = Recording()
        let values: Attributes = [
            "empty text": "", "text": "héllo 🎷", "true": true, "false": false, "zero": 0, "negative": .int(.min), "double": 1.5,
            "bytes": .bytes([0, 255]), "array": ["a", 1, [true, nil]], "map": ["inner": ["deep": 1.25]], "null": nil,
            "no elements": .array([]),
            "long": .string(String(repeating: "x", count: 5000)),
        ]
        recording.tracer.startSpan("values", parent: .root, values).end()
        #expect(try #require(recording.spans.first).attributes == values)
    }

    @Test func settingAKeyAgainReplacesItsValueWhateverTheSizes() throws {
        let recording = Recording()
        let span = recording.tracer.startSpan("replaced", parent: .root)
        for index in 0..<100 { span["key.\(index)"] = AttributeValue(index) }
        for index in 0..<100 { span["key.\(index)"] = .string(String(repeating: "y", count: index * 3)) }
        for index in stride(from: 0, to: 100, by: 2) { span["key.\(index)"] = true }
        #expect(span["key.7"] == .string(String(repeating: "y", count: 21)))
        span.end()
        let attributes = try #require(recording.spans.first).attributes
        #expect(attributes.count == 100)
        for index in 0..<100 {
            #expect(attributes["key.\(index)"] == (index % 2 == 0 ? true : .string(String(repeating: "y", count: index * 3))))
        }
    }

    @Test func limitsKeepTheFirstAndCountTheRest() throws {
        let limits = SpanLimits(
            attributeCount: 2, attributeValueLength: 3, attributeValueDepth: 2, eventCount: 1, linkCount: 1, eventAttributeCount: 1,
            linkAttributeCount: 1)
        let recording = Recording(limits: limits)
        let other = recording.tracer.startSpan("other", parent: .root).context
        let span = recording.tracer.startSpan("limited", parent: .root)
        span["a"] = "äöüß"
        span["b"] = .array(["wxyz", .array(["deep", .array([1])])])
        span["c"] = 1
        span["a"] = "replaced"
        span.addEvent("one", ["x": 1, "y": 2])
        span.addEvent("two")
        span.addLink(other, ["x": 1, "y": 2])
        span.addLink(other)
        span.end()
        let finished = try #require(recording.spans.first)
        #expect(finished.attributes["a"] == "rep")
        #expect(
            finished.attributes["b"] == .array(["wxy", .array(["dee", .array([])])])
                || finished.attributes["b"] == .array(["wxy", .array(["dee", .empty])]))
        #expect(finished.attributes.count == 2)
        #expect(finished.droppedAttributeCount == 1)
        #expect(finished.events.count == 1 && finished.droppedEventCount == 1)
        #expect(finished.events.first?.attributes == ["x": 1] && finished.events.first?.droppedAttributeCount == 1)
        #expect(finished.links.count == 1 && finished.droppedLinkCount == 1)
        #expect(finished.links.first?.droppedAttributeCount == 1)
    }

    @Test func nothingChangesAfterTheEndAndOnlyTheFirstEndCounts() throws {
        let recording = Recording()
        let span = recording.tracer.startSpan("ended", parent: .root, startTime: Timestamp(nanosecondsSinceEpoch: 100))
        span.end(at: Timestamp(nanosecondsSinceEpoch: 200))
        #expect(!span.isRecording)
        span["late"] = 1
        span.updateName("late")
        span.addEvent("late")
        span.setStatus(.error("late"))
        span.end(at: Timestamp(nanosecondsSinceEpoch: 300))
        let finished = try #require(recording.spans.first)
        #expect(recording.spans.count == 1)
        #expect(finished.name == "ended" && finished.attributes.isEmpty && finished.events.isEmpty && finished.status == .unset)
        #expect(finished.endTime.nanosecondsSinceEpoch == 200)
        let child = recording.tracer.startSpan("child", parent: Context.root.with(span: span))
        #expect(child.context.traceID == span.context.traceID)
    }

    @Test func aSpanDoesNotEndBeforeItStarts() throws {
        let recording = Recording()
        let span = recording.tracer.startSpan("back", parent: .root, startTime: Timestamp(nanosecondsSinceEpoch: 100))
        span.end(at: Timestamp(nanosecondsSinceEpoch: 50))
        #expect(try #require(recording.spans.first).endTime.nanosecondsSinceEpoch == 100)
    }

    @Test(arguments: [
        ([SpanStatus.ok, .error("x")], SpanStatus.ok), ([.error("x"), .ok], .ok), ([.error("x"), .unset], .error("x")),
        ([.error("x"), .error("y")], .error("y")), ([.unset], .unset), ([.error()], .error("")),
    ])
    func aStatusFollowsTheOrderOkErrorUnset(given: [SpanStatus], expected: SpanStatus) throws {
        let recording = Recording()
        let span = recording.tracer.startSpan("status", parent: .root)
        for status in given { span.setStatus(status) }
        span.end()
        #expect(try #require(recording.spans.first).status == expected)
    }

    @Test func anExceptionIsAnEventInWhichTheCallersAttributesWin() throws {
        struct Broken: Error {}
        let recording = Recording()
        let span = recording.tracer.startSpan("failing", parent: .root)
        span.recordException(Broken(), ["exception.message": "mine", "more": 1])
        span.end()
        let event = try #require(recording.spans.first?.events.first)
        #expect(event.name == "exception")
        #expect(event.attributes["exception.message"] == "mine")
        #expect(event.attributes["exception.type"]?.stringValue?.contains("Broken") == true)
        #expect(event.attributes["more"] == 1)
        #expect(try #require(recording.spans.first).status == .unset)
    }

    @Test func writingFromManyThreadsLosesNothing() async throws {
        let recording = Recording(limits: SpanLimits(attributeCount: 10_000, eventCount: 10_000))
        let span = recording.tracer.startSpan("contended", parent: .root)
        await withTaskGroup(of: Void.self) { group in
            for writer in 0..<8 {
                group.addTask {
                    for index in 0..<200 {
                        span["writer.\(writer).\(index)"] = AttributeValue(index)
                        if index % 10 == 0 { span.addEvent("e\(writer)") }
                    }
                }
            }
        }
        span.end()
        let finished = try #require(recording.spans.first)
        #expect(finished.attributes.count == 1600)
        #expect(finished.events.count == 160)
        for writer in 0..<8 { #expect(finished.attributes["writer.\(writer).199"] == 199) }
    }

    @Test func identifiersAreNeverRepeatedAndNeverZero() async {
        let recording = Recording(sampler: .alwaysOff)
        let tracer = recording.tracer
        let contexts = await withTaskGroup(of: [SpanContext].self) { group in
            for _ in 0..<4 { group.addTask { (0..<50_000).map { _ in tracer.startSpan("id", parent: .root).context } } }
            return await group.reduce(into: []) { $0 += $1 }
        }
        #expect(Set(contexts.map(\.traceID)).count == 200_000)
        #expect(Set(contexts.map(\.spanID)).count == 200_000)
        #expect(contexts.allSatisfy { $0.isValid && $0.flags == .random })
    }

    @Test func newSeedsGiveOtherIdentifiers() {
        let before = (0..<64).map { RandomLanes.shared.spanID(lane: $0) }
        RandomLanes.shared.reseed()
        let after = (0..<64).map { RandomLanes.shared.spanID(lane: $0) }
        #expect(Set(before).isDisjoint(with: after))
    }
}
