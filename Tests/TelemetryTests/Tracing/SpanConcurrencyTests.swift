// One span used from many threads loses nothing and stays readable.

import Testing

@testable import Telemetry

struct SpanConcurrencyTests {
    @Test func attributesOfEightThreadsAreAllRecorded() async throws {
        for _ in 0..<4 {
            let recording = Recording(limits: SpanLimits(attributeCount: 10_000))
            let span = recording.tracer.startSpan("work", parent: .root)
            await onThreads(8) { thread in
                for index in 0..<100 { span["key \(thread) \(index)"] = .string("value \(thread) \(index)") }
            }
            span.end()
            var expected: [String: AttributeValue] = [:]
            for thread in 0..<8 {
                for index in 0..<100 { expected["key \(thread) \(index)"] = .string("value \(thread) \(index)") }
            }
            let finished = try recording.spans.first.unwrapped()
            #expect(finished.attributes.dictionary == expected && finished.attributes.count == 800)
        }
    }

    @Test func concurrentCallsDoNotCorruptASpan() async throws {
        for round in 0..<30 {
            let recording = Recording(limits: SpanLimits(eventCount: 10_000, linkCount: 10_000))
            let span = recording.tracer.startSpan("work", parent: .root)
            await onThreads(8) { thread in
                for index in 0..<60 {
                    span["shared"] = .string(String(repeating: "x", count: (index * 37 + thread) % 90))
                    span["own \(thread)"] = AttributeValue(index)
                    _ = span["shared"]
                    switch thread {
                    case 0: span.addEvent("event \(index)", ["n": AttributeValue(index)])
                    case 1: span.addLink(.madeUp(), ["n": AttributeValue(index)])
                    case 2: span.updateName("name \(index)")
                    case 3: span.setStatus(.error("error \(index)"))
                    default: break
                    }
                    // In every other round the span ends in the midst of it, several times.
                    if round.isMultiple(of: 2), index == 30, thread > 4 { span.end() }
                }
            }
            span.end()
            #expect(recording.spans.count == 1)
            let finished = try recording.spans.first.unwrapped()
            finished.withMessage { message in
                var reader = WireReader(message)
                #expect(throws: Never.self) { while try reader.next() != nil {} }
            }
            #expect(finished.attributes["shared"]?.stringValue?.allSatisfy { $0 == "x" } == true)
            #expect(finished.attributes.allSatisfy { $0.key == "shared" || $0.key.hasPrefix("own ") })
            #expect(finished.events.enumerated().allSatisfy { $1.name == "event \($0)" && $1.attributes == ["n": AttributeValue($0)] })
            #expect(finished.links.enumerated().allSatisfy { $1.attributes == ["n": AttributeValue($0)] })
            guard round.isMultiple(of: 2) == false else { continue }
            #expect(finished.events.count == 60 && finished.links.count == 60 && finished.attributes.count == 9)
            #expect(finished.name == "name 59" && finished.status == .error("error 59"))
            for thread in 0..<8 { #expect(finished.attributes["own \(thread)"] == 59) }
        }
    }

    @Test func spanEndedByManyThreadsIsExportedOnce() async {
        let recording = Recording()
        let spans = (0..<200).map { recording.tracer.startSpan("span \($0)", parent: .root) }
        await onThreads(8) { _ in for span in spans { span.end() } }
        #expect(recording.spans.count == 200)
        #expect(Set(recording.spans.map(\.spanID)).count == 200)
    }

    @Test func concurrentCallsReturnTheSameTracer() async {
        let recording = Recording()
        let seen = Journal<ObjectIdentifier>()
        await onThreads(8) { _ in
            for index in 0..<100 { seen.note(ObjectIdentifier(recording.provider.tracer(InstrumentationScope(name: "scope \(index)")))) }
        }
        #expect(seen.entries.count == 800 && Set(seen.entries).count == 100)
    }

    @Test func identifiersAreUniqueAcrossThreads() async {
        let recording = Recording(sampler: .alwaysOff)
        let seen = Journal<[SpanContext]>()
        await onThreads(8) { _ in
            seen.note((0..<20_000).map { _ in recording.tracer.startSpan("work", parent: .root).context })
        }
        let contexts = seen.entries.flatMap { $0 }
        #expect(contexts.count == 160_000)
        #expect(Set(contexts.map(\.traceID)).count == 160_000 && Set(contexts.map(\.spanID)).count == 160_000)
    }
}
