// Flush and shutdown of a provider's processors, and the disabled provider.

import Synchronization
import Testing

@testable import Telemetry

/// Ends with a given result, or blocks until the test releases it.
private final class Stub: SpanProcessor {
    private let result: FlushResult
    private let gate: Semaphore?
    let calls = Journal<String>()

    init(_ result: FlushResult = .completed, gate: Semaphore? = nil) {
        self.result = result
        self.gate = gate
    }

    func onEnd(_ span: ReadableSpan) {}

    func forceFlush(deadline: Deadline) async -> FlushResult { answer("flush") }

    func shutdown(deadline: Deadline) async -> FlushResult { answer("shutdown") }

    private func answer(_ call: String) -> FlushResult {
        calls.note(call)
        if let gate { _ = gate.wait(until: .after(.seconds(60))) }
        return result
    }
}

struct TracerProviderTests {
    private static func provider(_ processors: any SpanProcessor..., sampler: any Sampler = .alwaysOn) -> TracerProvider {
        TracerProvider(resource: .empty, sampler: sampler, limits: SpanLimits(), processors: processors, idGenerator: nil, clock: .system)
    }

    @Test func everyProcessorIsFlushedEvenIfAnotherFails() async {
        let stubs = [Stub(), Stub(.failed), Stub()]
        let provider = Self.provider(stubs[0], stubs[1], stubs[2], BatchSpanProcessor(ProbeExporter(), options: BatchOptions()))
        #expect(await provider.forceFlush(deadline: .after(.seconds(300))) == .failed)
        #expect(await provider.shutdown(deadline: .after(.seconds(300))) == .failed)
        for stub in stubs { #expect(stub.calls.entries == ["flush", "shutdown"]) }
    }

    @Test func unresponsiveProcessorDoesNotDelayOthersBeyondTheDeadline() async {
        let gate = Semaphore()
        defer { for _ in 0..<2 { gate.post() } }
        let probe = ProbeExporter()
        let provider = Self.provider(Stub(gate: gate), BatchSpanProcessor(probe, options: BatchOptions(scheduleDelay: .seconds(3600))))
        provider.tracer(InstrumentationScope(name: "x")).startSpan("work", parent: .root).end()
        #expect(await provider.forceFlush(deadline: .after(.milliseconds(50))) == .timedOut)
        #expect(await eventually { probe.names == ["work"] })
        #expect(await provider.shutdown(deadline: .after(.milliseconds(50))) == .timedOut)
    }

    @Test func flushAndShutdownWorkIfTheCooperativePoolIsBlocked() async {
        let probe = ProbeExporter()
        let stub = Stub()
        let provider = Self.provider(stub, BatchSpanProcessor(probe, options: BatchOptions(scheduleDelay: .seconds(3600))))
        let tracer = provider.tracer(InstrumentationScope(name: "x"))
        let blocked = Counter()
        let release = Semaphore()
        let results = Journal<FlushResult>()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<ProcessorLane.count {
                group.addTask {
                    tracer.startSpan("blocked pool", parent: .root).end()
                    blocked.next()
                    _ = release.wait(until: .after(.seconds(120)))
                }
            }
            // As the main thread would: it has an executor of its own.
            let isStarted = WorkerThread.start(named: "main") {
                let deadline = Deadline.after(.seconds(60))
                while blocked.count == 0 && !deadline.hasPassed { _ = Semaphore().wait(until: .after(.milliseconds(1))) }
                let runner = ExportRunner(wake: WakeSignal())
                results.note(runner.run(until: deadline) { await provider.forceFlush(deadline: deadline) })
                results.note(runner.run(until: deadline) { await provider.shutdown(deadline: deadline) })
                for _ in 0..<64 { release.post() }
            }
            #expect(isStarted)
        }
        #expect(results.entries == [.completed, .completed])
        #expect(stub.calls.entries == ["flush", "shutdown"] && !probe.names.isEmpty)
    }

    @Test func providerIsSafeUnderConcurrentCalls() async {
        let asked = Counter()
        let sampler = CustomSampler { request in
            asked.next()
            return SamplingDecision(.recordAndSample, traceState: request.parent.spanContext.traceState)
        }
        let memory = InMemorySpanExporter()
        let stub = Stub()
        let provider = Self.provider(memory, stub, BatchSpanProcessor(ProbeExporter(), options: BatchOptions()), sampler: sampler)
        await withTaskGroup(of: Void.self) { group in
            for worker in 0..<4 {
                group.addTask {
                    for index in 0..<100 {
                        provider.tracer(InstrumentationScope(name: "scope \(worker % 2).\(index % 7)")).startSpan("x", parent: .root).end()
                    }
                }
                group.addTask { for _ in 0..<5 { _ = await provider.forceFlush(deadline: .after(.seconds(300))) } }
            }
        }
        #expect(asked.count == 400 && memory.finishedSpans.count == 400)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<4 { group.addTask { _ = await provider.shutdown(deadline: .after(.seconds(300))) } }
        }
        #expect(stub.calls.entries.count { $0 == "shutdown" } == 1 && stub.calls.entries.count { $0 == "flush" } == 20)
    }

    @Test func disabledProviderRecordsNothing() async {
        let idle = TracerProvider(
            resource: .empty, sampler: .alwaysOn, limits: SpanLimits(), processors: [], idGenerator: nil, clock: .system, isOff: true)
        let first = idle.tracer(InstrumentationScope(name: ""))
        for index in 0..<1000 {
            let tracer = idle.tracer(InstrumentationScope(name: String(repeating: "x", count: index), attributes: ["": 1]))
            #expect(tracer === first, "One tracer that does nothing is enough.")
        }
        let span = first.startSpan("", parent: .root, ["": 1], links: [SpanLink(.invalid)])
        span.setAttribute("", .array([.empty]))
        span.addEvent("")
        span.addLink(.invalid)
        span.recordException(NothingThere())
        span.setStatus(.error())
        span.updateName("")
        span.end()
        span.end()
        #expect(!span.isRecording && span.context == .invalid && span["a"] == nil && span.snapshot == nil)
        let running = Self.provider(InMemorySpanExporter())
        let known = running.tracer(InstrumentationScope(name: "known"))
        _ = await running.shutdown(deadline: .after(.seconds(300)))
        let late = running.tracer(InstrumentationScope(name: "late"))
        #expect(running.tracer(InstrumentationScope(name: "later")) === late && late !== known && !late.isEnabled)
        #expect(running.tracer(InstrumentationScope(name: "known")) === known)
    }
}
