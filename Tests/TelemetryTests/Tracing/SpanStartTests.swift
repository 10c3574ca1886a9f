// The times of spans while the wall clock is set, by the hour or at random.

import Testing

@testable import Telemetry

struct SpanStartTests {
    private static let steps = [Duration.seconds(-3600), .seconds(3600), .milliseconds(-5), .seconds(-1_200_000_000)]

    private let recording = Recording()
    private var clock: ManualClock { recording.clock }
    private var tracer: Tracer { recording.tracer }
    private var now: Timestamp { TelemetryClock.manual(clock).now }

    private func milliseconds(_ number: Int) -> Duration { .milliseconds(number) }

    private func span(_ name: String) throws -> ReadableSpan { try #require(recording.spans.last { $0.name == name }) }

    @Test(arguments: steps) func wallClockStepDuringASpanKeepsDurationEventAndChildConsistent(step: Duration) throws {
        let start = now
        tracer.withSpan("parent", parent: .root) { parent in
            clock.advance(by: milliseconds(5))
            clock.stepWallClock(by: step)
            clock.advance(by: milliseconds(5))
            parent.addEvent("event")
            tracer.withSpan("child") { child in
                #expect(child.context.traceID == parent.context.traceID)
                clock.advance(by: milliseconds(3))
                child.recordException(NothingThere())
                clock.stepWallClock(by: step)
                clock.advance(by: milliseconds(7))
            }
            clock.advance(by: milliseconds(5))
        }
        let (parent, child) = (try span("parent"), try span("child"))
        #expect(parent.startTime == start && parent.endTime == start.advanced(by: milliseconds(25)))
        #expect(parent.events.map(\.time) == [start.advanced(by: milliseconds(10))])
        #expect(child.startTime == start.advanced(by: milliseconds(10)) && child.duration == milliseconds(10))
        #expect(child.events.map(\.time) == [start.advanced(by: milliseconds(13))])
    }

    @Test(arguments: steps) func traceKeepsItsClockAnchorAndTheNextTraceHasTheNewOne(step: Duration) throws {
        let root = tracer.startSpan("root", parent: .root)
        clock.stepWallClock(by: step)
        clock.advance(by: .seconds(10))
        tracer.startSpan("late child", parent: Context.root.with(span: root)).end()
        root.end()
        tracer.startSpan("child of an ended span", parent: Context.root.with(span: root)).end()
        tracer.startSpan("next", parent: .root).end()
        let first = try span("root")
        #expect(first.duration == .seconds(10))
        #expect(try span("late child").startTime == first.endTime && span("child of an ended span").startTime == first.endTime)
        #expect(try span("next").startTime == now)
    }

    @Test func contextDerivedFromASpanKeepsItsClockAnchor() throws {
        let key = ContextKey("key", default: 0)
        let root = tracer.startSpan("root", parent: .root)
        clock.stepWallClock(by: .seconds(-3600))
        clock.advance(by: .seconds(1))
        let baggage = Context.root.with(span: root).with(baggage: Baggage.empty.setting("tenant", to: "a"))
        for context in [baggage, baggage.with(1, for: key), Context.root.with(1, for: key).with(span: root)] {
            let child = tracer.startSpan("child", parent: context)
            clock.advance(by: .seconds(1))
            tracer.startSpan("grandchild", parent: context.with(span: child)).end()
            child.end()
            #expect(try span("child").duration == .seconds(1) && span("grandchild").startTime == span("child").endTime)
        }
        root.end()
        #expect(try span("root").endTime == span("child").endTime && span("root").duration == .seconds(4))
    }

    @Test func spanBelowARemoteOrUnsampledParentUsesTheWallClockAtItsStart() throws {
        tracer.startSpan("before", parent: .root).end()
        clock.stepWallClock(by: .seconds(-3600))
        clock.advance(by: .seconds(1))
        for parent in [SpanContext.madeUp(isRemote: true), .madeUp(isSampled: false), .madeUp()] {
            let span = tracer.startSpan("work", parent: Context.root.with(spanContext: parent))
            let start = now
            clock.advance(by: milliseconds(25))
            span.end()
            #expect(try self.span("work").startTime == start && self.span("work").duration == milliseconds(25))
        }
    }

    @Test(arguments: steps) func exceptionEventLiesWithinItsSpanAfterAWallClockStep(step: Duration) throws {
        #expect(throws: NothingThere.self) {
            try tracer.withSpan("work", parent: .root) { _ in
                clock.stepWallClock(by: step)
                clock.advance(by: milliseconds(25))
                throw NothingThere()
            }
        }
        let work = try span("work")
        #expect(work.duration == milliseconds(25) && work.events.map(\.time) == [work.endTime])
    }

    // MARK: Times that are given

    @Test(arguments: steps) func spanWithAGivenStartEndsOnTheClockOfTheStart(step: Duration) throws {
        let arrival = now
        clock.advance(by: milliseconds(40))
        let span = tracer.startSpan("root", parent: .root, startTime: arrival)
        clock.stepWallClock(by: step)
        clock.advance(by: .seconds(1))
        // Its own start was read before the wall clock was set, that of the child after it.
        let read = now
        let child = tracer.startSpan("child", parent: Context.root.with(span: span), startTime: read)
        clock.advance(by: .seconds(2))
        child.end()
        span.end()
        #expect(try self.span("root").startTime == arrival && self.span("root").duration == .seconds(3) + milliseconds(40))
        #expect(try self.span("child").startTime == read && self.span("child").duration == .seconds(2))
    }

    @Test func spanStartedAheadOfTheClockEndsAsFarAhead() throws {
        let start = now.advanced(by: .seconds(60))
        let span = tracer.startSpan("work", parent: .root, startTime: start)
        clock.advance(by: milliseconds(25))
        span.addEvent("event")
        tracer.startSpan("child", parent: Context.root.with(span: span)).end()
        span.end()
        let work = try self.span("work")
        #expect(work.startTime == start && work.duration == milliseconds(25))
        #expect(try work.events.map(\.time) == [work.endTime] && self.span("child").startTime == work.endTime)
    }

    @Test func startInThePastIsKeptAndTheEndIsNow() throws {
        let start = now.advanced(by: .seconds(-3600))
        let span = tracer.startSpan("work", parent: .root, startTime: start)
        clock.advance(by: .seconds(1))
        span.end()
        #expect(try self.span("work").startTime == start && self.span("work").endTime == now)
    }

    @Test(arguments: steps) func wallClockReadingIsConvertedToTheClockOfTheTrace(step: Duration) throws {
        // As a caller does that always gives a time.
        func start(_ name: String, _ parent: Context) -> TraceSpan {
            tracer.startSpan(name, kind: .internal, parent: parent, readingOfWallClock: now)
        }
        let begin = now
        let root = start("root", .root)
        clock.stepWallClock(by: step)
        clock.advance(by: milliseconds(25))
        let child = start("child", Context.root.with(span: root))
        clock.advance(by: milliseconds(25))
        child.end()
        let end = try #require(root.recorder).ownNanoseconds(ofReading: now.nanosecondsSinceEpoch)
        root.end(at: Timestamp(nanosecondsSinceEpoch: end))
        let given = try #require(root.recorder).ownNanoseconds(ofReading: 77_000_000_000)
        #expect(given == 77_000_000_000, "What is far from the present was not read just now.")
        #expect(try span("root").startTime == begin && span("root").duration == milliseconds(50))
        #expect(try span("child").startTime == begin.advanced(by: milliseconds(25)) && span("child").duration == milliseconds(25))
        clock.advance(by: .seconds(1))
        start("next", .root).end()
        #expect(try span("next").startTime == now)
    }

    // MARK: Random

    /// A span that is open, with what passed on the monotonic clock before it started.
    private struct Open {
        let span: TraceSpan
        let parent: Int?
        let start: UInt64
        var events: [UInt64] = []
    }

    @Test(arguments: 1...20) func traceTimesAreConsistentUnderRandomWallClockSteps(seed: UInt64) throws {
        var random = StepGenerator(state: seed)
        let monotonic = { clock.monotonicNanoseconds() }
        var all: [Open] = []
        var ends: [Int: UInt64] = [:]
        for number in 0..<60 {
            clock.advance(by: .microseconds(Int64(random.below(60_000))))
            if random.below(3) == 0 { clock.stepWallClock(by: .milliseconds(Int64(random.below(7_200_000)) - 3_600_000)) }
            let parent = all.indices.filter { ends[$0] == nil }.randomElement(using: &random)
            let context = parent.map { Context.root.with(span: all[$0].span) } ?? .root
            all.append(Open(span: tracer.startSpan("\(number)", parent: context), parent: parent, start: monotonic()))
            clock.advance(by: .microseconds(Int64(random.below(60_000))))
            let target = Int(random.below(UInt64(all.count)))
            if ends[target] == nil {
                all[target].span.addEvent("event")
                all[target].events.append(monotonic())
            }
            // Leaves end at any time, so that no child outlives its parent.
            let open = all.indices.filter { ends[$0] == nil }
            let leaves = open.filter { index in !open.contains { all[$0].parent == index } }
            if random.below(2) == 0, let leaf = leaves.randomElement(using: &random) {
                all[leaf].span.end()
                ends[leaf] = monotonic()
            }
        }
        for index in all.indices.reversed() where ends[index] == nil {
            all[index].span.end()
            ends[index] = monotonic()
        }
        for (index, open) in all.enumerated() {
            let span = try self.span("\(index)")
            let start = span.startTime
            #expect(span.duration == .nanoseconds(Int64(try #require(ends[index]) - open.start)))
            #expect(span.events.map { $0.time.duration(since: start) } == open.events.map { .nanoseconds(Int64($0 - open.start)) })
            guard let parent = open.parent else { continue }
            let above = try self.span("\(parent)")
            #expect(start.duration(since: above.startTime) == .nanoseconds(Int64(open.start - all[parent].start)))
            #expect(above.startTime <= start && span.endTime <= above.endTime)
        }
    }
}

/// The same numbers for the same seed.
private struct StepGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        let mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        return mixed ^ (mixed >> 31)
    }

    mutating func below(_ bound: UInt64) -> UInt64 { next() % bound }
}
