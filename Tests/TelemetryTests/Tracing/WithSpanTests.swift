// Scoped spans: current inside, ended and restored outside, errors recorded and passed on as they are.

import Testing

@testable import Telemetry

private enum Broken: Error, Equatable {
    case here(Int)
}

struct WithSpanTests {
    private let recording = Recording()
    private var tracer: Tracer { recording.tracer }

    @Test func spanIsCurrentInsideAndEndedOutside() throws {
        let before = Context.current.spanContext
        let result = tracer.withSpan("work", kind: .client, ["a": 1], links: [SpanLink(.madeUp())]) { span in
            #expect(Context.current.spanContext == span.context && TraceSpan.current.context == span.context)
            TraceSpan.current["b"] = 2
            return 42
        }
        #expect(result == 42 && Context.current.spanContext == before)
        let span = try recording.spans.first.unwrapped()
        #expect(span.name == "work" && span.kind == .client && span.attributes == ["a": 1, "b": 2] && span.links.count == 1)
        #expect(span.status == .unset && span.events.isEmpty)
    }

    @Test func nestedSpansAreParentAndChild() throws {
        tracer.withSpan("outer") { outer in
            tracer.withSpan("inner") { inner in #expect(inner.context.traceID == outer.context.traceID) }
            #expect(Context.current.spanContext == outer.context)
        }
        #expect(recording.spans.map(\.name) == ["inner", "outer"])
        #expect(recording.spans[0].parentSpanID == recording.spans[1].spanID)
    }

    @Test func errorIsRecordedAndRethrownWithItsTypeAndTheContextRestored() throws {
        let before = Context.current.spanContext
        do throws(Broken) {
            try tracer.withSpan("work") { (_: TraceSpan) throws(Broken) in throw .here(7) }
        } catch {
            #expect(error == .here(7))
        }
        #expect(Context.current.spanContext == before)
        let span = try recording.spans.first.unwrapped()
        #expect(span.status == .error("here(7)"))
        #expect(span.events.map(\.name) == ["exception"])
        #expect(span.events.first?.attributes["exception.message"] == "here(7)")
        #expect(span.events.first?.attributes["exception.type"]?.stringValue?.hasSuffix("Broken") == true)
    }

    @Test func asynchronousErrorIsRecordedAndRethrownWithItsType() async throws {
        let before = Context.current.spanContext
        do throws(Broken) {
            try await tracer.withSpan("work") { (_: TraceSpan) async throws(Broken) in
                await Task.yield()
                throw .here(8)
            }
        } catch {
            #expect(error == .here(8))
        }
        #expect(Context.current.spanContext == before)
        #expect(try recording.spans.first.unwrapped().status == .error("here(8)"))
    }

    @Test func cancellationSetsNoErrorStatus() async throws {
        try? tracer.withSpan("synchronous") { _ in throw CancellationError() }
        try? await tracer.withSpan("asynchronous") { _ in
            await Task.yield()
            throw CancellationError()
        }
        #expect(recording.spans.map(\.name) == ["synchronous", "asynchronous"])
        #expect(recording.spans.allSatisfy { $0.status == .unset && $0.events.isEmpty })
    }

    @Test func okStatusIsKeptIfTheOperationThrows() throws {
        try? tracer.withSpan("work") { span in
            span.setStatus(.ok)
            throw Broken.here(1)
        }
        let span = try recording.spans.first.unwrapped()
        #expect(span.status == .ok && span.events.count == 1)
    }

    @Test func spanEndedByItsOperationIsNotChanged() throws {
        let end = Timestamp(nanosecondsSinceEpoch: 1_000_000_000_000_000_005)
        tracer.withSpan("work") { $0.end(at: end) }
        try? tracer.withSpan("failure") { span in
            span.end(at: end)
            throw Broken.here(1)
        }
        #expect(recording.spans.map(\.endTime) == [end, end])
        #expect(recording.spans.allSatisfy { $0.status == .unset && $0.events.isEmpty })
    }

    @Test func explicitParentAndItsBaggageAreUsed() {
        let parent = Context.root.with(spanContext: .madeUp()).with(baggage: Baggage.empty.setting("user", to: "42"))
        tracer.withSpan("work", parent: parent) { span in
            #expect(span.context.traceID == parent.spanContext.traceID)
            #expect(Context.current.baggage == parent.baggage)
        }
    }

    @Test func spanFollowsAwaitAndChildTasks() async {
        await tracer.withSpan("work") { span in
            await Task.yield()
            #expect(Context.current.spanContext == span.context)
            async let child = Context.current.spanContext
            #expect(await child == span.context)
            let seen = await withTaskGroup(of: SpanContext.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        await Task.yield()
                        return Context.current.spanContext
                    }
                }
                return await group.reduce(into: Set<SpanContext>()) { $0.insert($1) }
            }
            #expect(seen == [span.context])
            let detached = await Task.detached { Context.current.spanContext }.value
            #expect(detached == .invalid)
            let unstructured = await Task { Context.current.spanContext }.value
            #expect(unstructured == span.context)
        }
    }

    @Test func spansOfConcurrentTasksAreSiblings() async throws {
        let tracer = tracer
        let parent = await tracer.withSpan("parent") { span in
            await withTaskGroup(of: Void.self) { group in
                for index in 0..<50 {
                    group.addTask {
                        await tracer.withSpan("child \(index)") { child in
                            await Task.yield()
                            #expect(Context.current.spanContext == child.context)
                            await tracer.withSpan("grandchild \(index)") { _ in await Task.yield() }
                            #expect(Context.current.spanContext == child.context)
                        }
                    }
                }
            }
            return span.context
        }
        let spans = Dictionary(uniqueKeysWithValues: recording.spans.map { ($0.name, $0) })
        #expect(spans.count == 101 && spans.values.allSatisfy { $0.traceID == parent.traceID })
        for index in 0..<50 {
            let child = try spans["child \(index)"].unwrapped()
            #expect(child.parentSpanID == parent.spanID)
            #expect(spans["grandchild \(index)"]?.parentSpanID == child.spanID)
        }
    }

    @MainActor @Test func asynchronousOperationStaysOnTheCallersActor() async {
        await tracer.withSpan("work") { span in
            MainActor.assertIsolated()
            await Task.yield()
            MainActor.assertIsolated()
            await tracer.withSpan("inner", parent: Context.root.with(span: span)) { _ in
                await Task.yield()
                MainActor.assertIsolated()
            }
            MainActor.assertIsolated()
        }
        MainActor.assertIsolated()
    }

    @Test func asynchronousOperationStaysOnACustomActor() async {
        actor Account {
            var balance = 0

            func deposit(_ tracer: Tracer) async -> Int {
                await tracer.withSpan("deposit") { span in
                    balance += 1
                    await Task.yield()
                    self.assertIsolated()
                    span["balance"] = AttributeValue(balance)
                    return balance
                }
            }
        }
        #expect(await Account().deposit(tracer) == 1)
        #expect(recording.spans.first?.attributes == ["balance": 1])
    }
}
