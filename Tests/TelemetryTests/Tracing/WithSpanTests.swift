// Operations inside a span: what is current, what is recorded, what comes back.

import Testing

@testable import Telemetry

@Suite struct WithSpanTests {
    struct Refused: Error, Equatable {
        let code: Int
    }

    @Test func theSpanIsCurrentInsideAndGoneOutside() {
        let recording = Recording()
        let result = recording.tracer.withSpan("outer", parent: .root) { outer in
            #expect(TraceSpan.current.context == outer.context)
            recording.tracer.withSpan("inner") { inner in
                #expect(TraceSpan.current.context == inner.context)
                TraceSpan.current["set.by"] = "current"
            }
            #expect(TraceSpan.current.context == outer.context)
            return 7
        }
        #expect(result == 7)
        #expect(!TraceSpan.current.context.isValid)
        #expect(recording.spans.map(\.name) == ["inner", "outer"])
        #expect(recording.spans[0].parentSpanID == recording.spans[1].spanID)
        #expect(recording.spans[0].attributes["set.by"] == "current")
    }

    @Test func aTypedErrorComesThroughAsItsTypeAndIsRecorded() throws {
        let recording = Recording()
        do throws(Refused) {
            try recording.tracer.withSpan("refused", parent: .root) { _ throws(Refused) in throw Refused(code: 3) }
            Issue.record("nothing was thrown")
        } catch {
            #expect(error.code == 3)
        }
        let span = try #require(recording.spans.first)
        #expect(span.status == .error("Refused(code: 3)"))
        #expect(span.events.map(\.name) == ["exception"])
        #expect(!TraceSpan.current.context.isValid)
    }

    @Test func anAsynchronousErrorIsRecordedTooAndCancellationIsNone() async throws {
        let recording = Recording()
        await #expect(throws: Refused(code: 1)) {
            try await recording.tracer.withSpan("async", parent: .root) { _ in
                await Task.yield()
                throw Refused(code: 1)
            }
        }
        #expect(throws: CancellationError.self) {
            try recording.tracer.withSpan("cancelled", parent: .root) { _ in throw CancellationError() }
        }
        #expect(recording.spans.map(\.status) == [.error("Refused(code: 1)"), .unset])
        #expect(recording.spans[1].events.isEmpty)
    }

    @Test func childTasksSeeTheSpanAndDetachedOnesDoNot() async {
        let recording = Recording()
        await recording.tracer.withSpan("parent", parent: .root) { span in
            async let child = TraceSpan.current.context
            let inherited = await child
            #expect(inherited == span.context)
            let unstructured = await Task { TraceSpan.current.context }.value
            #expect(unstructured == span.context)
            let detached = await Task.detached { TraceSpan.current.context }.value
            #expect(!detached.isValid)
        }
    }

    @Test @MainActor func theOperationStaysOnTheCallersActor() async {
        let recording = Recording()
        var touched = 0
        await recording.tracer.withSpan("main", parent: .root) { _ in
            MainActor.assertIsolated()
            touched += 1
            await Task.yield()
            MainActor.assertIsolated()
        }
        #expect(touched == 1)
    }

    @Test func startingASpanDoesNotMakeItCurrent() {
        let recording = Recording()
        let span = recording.tracer.startSpan("quiet", parent: .root)
        #expect(!TraceSpan.current.context.isValid)
        span.end()
    }

    @Test func anUnsampledSpanHandsOnItsTraceStateAndBaggage() throws {
        let recording = Recording(sampler: .parentBased(.alwaysOn))
        let state = try #require(TraceState(headerValue: "vendor=1"))
        let remote = SpanContext(
            traceID: TraceID(high: 1, low: 2), spanID: SpanID(3), flags: .random, traceState: state, isRemote: true)
        let context = Context.root.with(baggage: Baggage.empty.setting("user", to: "7")).with(spanContext: remote)
        var wasEvaluated = false
        func attributes() -> Attributes {
            wasEvaluated = true
            return ["costly": 1]
        }
        recording.tracer.withSpan("unsampled", attributes(), parent: context) { span in
            #expect(!span.isRecording)
            #expect(span.context.traceID == remote.traceID)
            #expect(span.context.spanID != remote.spanID && span.context.spanID.isValid)
            #expect(span.context.flags == .random)
            #expect(!span.context.isRemote)
            #expect(Context.current.baggage["user"] == "7")
            var headers: [String: String] = [:]
            CompositePropagator([.traceContext, .baggage]).inject(.current, into: &headers)
            #expect(headers["traceparent"] == "00-00000000000000010000000000000002-\(span.context.spanID)-02")
            #expect(headers["tracestate"] == "vendor=1")
            #expect(headers["baggage"] == "user=7")
            let child = recording.tracer.startSpan("child")
            #expect(!child.isRecording && child.context.traceID == remote.traceID)
        }
        #expect(!wasEvaluated)
        #expect(recording.spans.isEmpty)
    }

    @Test func withoutAProcessorAndAfterShutdownTheParentsContextIsHandedOn() async {
        let none = TracerProvider(
            resource: .empty, sampler: .alwaysOn, limits: SpanLimits(), processors: [], idGenerator: nil, clock: .system)
        let parent = SpanContext(traceID: TraceID(high: 1, low: 1), spanID: SpanID(5), flags: .sampled, isRemote: true)
        let tracer = none.tracer(InstrumentationScope(name: "x"))
        #expect(!tracer.isEnabled)
        #expect(tracer.startSpan("x", parent: Context.root.with(spanContext: parent)).context == parent)
        #expect(tracer.startSpan("x", parent: .root).context == .invalid)

        let recording = Recording()
        #expect(recording.tracer.isEnabled)
        #expect(await recording.provider.shutdown(deadline: .after(.seconds(60))) == .completed)
        #expect(!recording.tracer.isEnabled)
        #expect(recording.tracer.startSpan("x", parent: Context.root.with(spanContext: parent)).context == parent)
    }

    @Test func aTracerIsTheSameForTheSameScope() {
        let recording = Recording()
        let again = recording.provider.tracer(InstrumentationScope(name: "tests", version: "1"))
        #expect(again === recording.tracer)
        #expect(recording.provider.tracer(InstrumentationScope(name: "tests", version: "2")) !== recording.tracer)
        #expect(recording.provider.tracer(InstrumentationScope(name: "")).instrumentationScope.name == "")
    }
}
