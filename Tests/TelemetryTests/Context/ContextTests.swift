// Values, scopes and tasks of the context.

import Synchronization
import Testing

@testable import Telemetry

struct ContextTests {
    private static let request = ContextKey("request", default: "none")

    private struct Refusal: Error, Equatable {
        let reason: Int
    }

    @Test func contextIsImmutableAndValuesNest() {
        let number = ContextKey<Int?>("number", default: nil)
        let outer = Context.root.with("outer", for: Self.request)
        let inner = outer.with("inner", for: Self.request).with(5, for: number)
        #expect(Context.root[Self.request] == "none")
        #expect(outer[Self.request] == "outer" && outer[number] == nil)
        #expect(inner[Self.request] == "inner" && inner[number] == 5)
    }

    @Test func keysWithEqualNamesAreDistinct() {
        let one = ContextKey("key", default: 0)
        let other = ContextKey("key", default: 0)
        let context = Context.root.with(1, for: one).with(2, for: other)
        #expect(context[one] == 1 && context[other] == 2)
    }

    @Test func contextRetainsKeysOfItsValues() {
        var context = Context.root
        for number in 0..<100 { context = context.with(number, for: ContextKey("gone", default: -1)) }
        for _ in 0..<100 { #expect(context[ContextKey("new", default: -1)] == -1) }
    }

    @Test func anotherSpanKeepsValuesAndBaggage() {
        let identity = SpanContext(traceID: TraceID(high: 1, low: 2), spanID: SpanID(3))
        let context = Context.root.with("r", for: Self.request).settingBaggage("user", to: "ada").with(spanContext: identity)
        #expect(context[Self.request] == "r" && context.baggage["user"] == "ada" && context.spanContext == identity)
        #expect(context.with(baggage: .empty)[Self.request] == "r")
        #expect(!Context.root.spanContext.isValid)
    }

    @Test func currentContextIsRestoredAfterReturnAndThrow() {
        let context = Context.root.with("r", for: Self.request)
        #expect(context.run { Context.current[Self.request] } == "r")
        #expect(Context.current[Self.request] == "none")
        #expect(throws: Refusal(reason: 1)) {
            try context.run { throw Refusal(reason: 1) }
        }
        #expect(Context.current[Self.request] == "none")
    }

    @Test func nestedScopesRestorePreviousContext() {
        let outer = Context.root.with("outer", for: Self.request)
        outer.run {
            outer.with("inner", for: Self.request).run { #expect(Context.current[Self.request] == "inner") }
            #expect(Context.current[Self.request] == "outer")
            Context.root.run { #expect(Context.current[Self.request] == "none") }
            #expect(Context.current[Self.request] == "outer")
        }
    }

    @Test func typedErrorKeepsItsType() async {
        func refuse() throws(Refusal) -> Int { throw Refusal(reason: 2) }
        func refuseLater() async throws(Refusal) -> Int {
            await Task.yield()
            throw Refusal(reason: 3)
        }
        do throws(Refusal) {
            _ = try Context.root.run(refuse)
        } catch {
            #expect(error.reason == 2)
        }
        do throws(Refusal) {
            _ = try await Context.root.run { () async throws(Refusal) -> Int in try await refuseLater() }
        } catch {
            #expect(error.reason == 3)
        }
    }

    @Test func contextFollowsChildTasksAndSuspensions() async {
        let context = Context.root.with("r", for: Self.request)
        await context.run {
            await Task.yield()
            #expect(Context.current[Self.request] == "r")
            async let child = Context.current[Self.request]
            #expect(await child == "r")
            let unstructured = Task { Context.current[Self.request] }
            #expect(await unstructured.value == "r")
            let detached = Task.detached { Context.current[Self.request] }
            #expect(await detached.value == "none")
            let all = await withTaskGroup(of: String.self) { group in
                for number in 0..<10 {
                    group.addTask {
                        await Context.current.with("\(number)", for: Self.request).run {
                            await Task.yield()
                            return Context.current[Self.request]
                        }
                    }
                }
                return await group.reduce(into: Set<String>()) { $0.insert($1) }
            }
            #expect(all == Set((0..<10).map(String.init)))
            #expect(Context.current[Self.request] == "r")
        }
        #expect(Context.current[Self.request] == "none")
    }

    @Test func fastPathToCurrentContextMatchesTaskLocal() async {
        @Sendable func isSame() -> Bool { CurrentContext.node === CurrentContext.storage.get().node }
        #expect(isSame() && CurrentContext.node == nil)
        let context = Context.root.with("bound", for: ContextKey<String>("key", default: ""))
        await context.run { () async in
            #expect(isSame() && CurrentContext.node === context.node)
            await Task.yield()
            #expect(isSame() && CurrentContext.node === context.node)
            async let child = isSame()
            let detached = await Task.detached { CurrentContext.node == nil && CurrentContext.storage.get().node == nil }.value
            #expect(await child && detached)
        }
        let done = Semaphore()
        let isSameOnAThread = Atomic(false)
        _ = WorkerThread.start(named: "plain") {
            let isEmpty = CurrentContext.node == nil
            let isFound = context.run { CurrentContext.node === context.node && isSame() }
            isSameOnAThread.store(isEmpty && isFound, ordering: .relaxed)
            done.post()
        }
        #expect(done.wait(until: .after(.seconds(60))) && isSameOnAThread.load(ordering: .relaxed))
    }

    @Test func contextIsRestoredWhenAsynchronousWorkThrows() async {
        await #expect(throws: Refusal(reason: 4)) {
            try await Context.root.with("r", for: Self.request).run {
                await Task.yield()
                throw Refusal(reason: 4)
            }
        }
        #expect(Context.current[Self.request] == "none")
    }

    @Test @MainActor func asynchronousWorkStaysOnCallersActor() async {
        var isTouched = false
        await Context.root.run {
            MainActor.assertIsolated()
            isTouched = true
            await Task.yield()
            MainActor.assertIsolated()
        }
        #expect(isTouched)
    }
}
