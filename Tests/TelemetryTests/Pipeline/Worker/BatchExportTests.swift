// When batches are exported, their contents, and drops.

import Synchronization
import Testing

@testable import Telemetry

extension PipelineOwner {
    /// The health for the only destination.
    var health: PipelineHealth { pipeline.health[0] }
}

struct BatchExportTests {
    private static func provider(_ processors: any SpanProcessor...) -> TracerProvider {
        TracerProvider(
            resource: .empty, sampler: .alwaysOn, limits: SpanLimits(), processors: processors, idGenerator: nil, clock: .system)
    }

    private static let hour = Duration.seconds(3600)

    @Test func fullBatchIsExportedAtOnceAndTheRestAfterTheScheduleDelay() async {
        let clock = ManualClock()
        let probe = ProbeExporter()
        let processor = BatchSpanProcessor(
            probe, options: BatchOptions(maxQueueSize: 64, maxExportBatchSize: 8, scheduleDelay: .seconds(5)), clock: .manual(clock))
        let tracer = Self.provider(processor).tracer(InstrumentationScope(name: "x"))
        for index in 0..<7 { tracer.startSpan("\(index)", parent: .root).end() }
        #expect(probe.names.isEmpty)
        tracer.startSpan("7", parent: .root).end()
        #expect(await eventually { probe.names.count == 8 })
        // The schedule begins anew when the export has returned, not when the exporter was called.
        #expect(await processor.forceFlush(deadline: .after(.seconds(60))) == .completed)
        tracer.startSpan("8", parent: .root).end()
        clock.advance(by: .milliseconds(4999))
        #expect(probe.names.count == 8)
        clock.advance(by: .milliseconds(1))
        #expect(await eventually { probe.names.count == 9 })
        #expect(Set(probe.names) == Set((0...8).map { "\($0)" }))
    }

    @Test func exportsAreSequentialAndNoLargerThanTheBatchSize() async {
        let probe = ProbeExporter()
        let processor = BatchSpanProcessor(
            probe, options: BatchOptions(maxQueueSize: 10_000, maxExportBatchSize: 7, scheduleDelay: Self.hour))
        let provider = Self.provider(processor)
        await withTaskGroup(of: Void.self) { group in
            for writer in 0..<4 {
                let tracer = provider.tracer(InstrumentationScope(name: "scope \(writer)"))
                group.addTask { for index in 0..<500 { tracer.startSpan("\(writer).\(index)", parent: .root).end() } }
            }
        }
        #expect(await provider.shutdown(deadline: .after(.seconds(60))) == .completed)
        #expect(probe.state.batches.allSatisfy { (1...7).contains($0.count) })
        #expect(probe.state.mostRunning == 1)
        #expect(probe.names.count == 2000 && Set(probe.names).count == 2000)
    }

    @Test func fullQueueDropsAndCountsTheNewSpan() async {
        let gate = Semaphore()
        let probe = ProbeExporter(gate: gate)
        let processor = BatchSpanProcessor(probe, options: BatchOptions(maxQueueSize: 4, maxExportBatchSize: 2, scheduleDelay: Self.hour))
        let provider = Self.provider(processor)
        let tracer = provider.tracer(InstrumentationScope(name: "x"))
        // Two are in the export that blocks; the queue itself then takes four and not one more.
        for index in 0..<2 { tracer.startSpan("\(index)", parent: .root).end() }
        #expect(await eventually { probe.names.count == 2 })
        for index in 2..<10 { tracer.startSpan("\(index)", parent: .root).end() }
        #expect(processor.health.accepted == 10)
        #expect(processor.health.dropped == [.queueFull: 4])
        for _ in 0..<8 { gate.post() }
        #expect(await provider.shutdown(deadline: .after(.seconds(60))) == .completed)
        #expect(probe.names.sorted() == (0..<6).map { "\($0)" })
    }

    @Test func queueCapacityIsNotExceededUnderContention() async {
        let gate = Semaphore()
        let probe = ProbeExporter(gate: gate)
        let processor = BatchSpanProcessor(probe, options: BatchOptions(scheduleDelay: Self.hour))
        let provider = Self.provider(processor)
        let tracer = provider.tracer(InstrumentationScope(name: "x"))
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<4 { group.addTask { for _ in 0..<5_000 { tracer.startSpan("x", parent: .root).end() } } }
        }
        let full = processor.health
        #expect(full.accepted == 20_000 && full.waiting <= 2048 + 512)
        for _ in 0..<100 { gate.post() }
        #expect(await provider.shutdown(deadline: .after(.seconds(60))) == .completed)
        #expect(processor.health.exported == full.waiting && processor.health.waiting == 0)
    }

    @Test func acceptedSpansAreExportedExactlyOnce() async {
        let probe = ProbeExporter()
        let processor = BatchSpanProcessor(
            probe, options: BatchOptions(maxQueueSize: 256, maxExportBatchSize: 64, fullQueuePolicy: .wait(atMost: .seconds(60))))
        let provider = Self.provider(processor)
        let threads = 8
        let perThread = 2_000
        let done = Semaphore()
        for writer in 0..<threads {
            let tracer = provider.tracer(InstrumentationScope(name: "scope \(writer % 3)"))
            _ = WorkerThread.start(named: "writer") {
                for index in 0..<perThread { tracer.startSpan("\(writer).\(index)", parent: .root).end() }
                done.post()
            }
        }
        for _ in 0..<threads { #expect(done.wait(until: .after(.seconds(120)))) }
        #expect(await provider.shutdown(deadline: .after(.seconds(60))) == .completed)
        #expect(probe.names.count == threads * perThread)
        #expect(Set(probe.names).count == threads * perThread)
        #expect(processor.health.dropped.isEmpty)
    }

    @Test func spansLargerThanAChunkAreExportedWhole() async {
        let memory = InMemorySpanExporter()
        let provider = Self.provider(BatchSpanProcessor(memory, options: BatchOptions(scheduleDelay: Self.hour)))
        let tracer = provider.tracer(InstrumentationScope(name: "x"))
        for index in 0..<40 {
            tracer.startSpan("\(index)", parent: .root, ["large": .string(String(repeating: "z", count: index * 1_000))]).end()
        }
        #expect(await provider.forceFlush(deadline: .after(.seconds(60))) == .completed)
        #expect(
            Set(memory.finishedSpans.map { "\($0.name):\($0.attributes["large"]?.stringValue?.utf8.count ?? -1)" })
                == Set((0..<40).map { "\($0):\($0 * 1_000)" }))
    }

    @Test func flushExportsTheQueueAndFlushesTheExporter() async {
        let probe = ProbeExporter()
        let provider = Self.provider(BatchSpanProcessor(probe, options: BatchOptions(scheduleDelay: Self.hour)))
        let tracer = provider.tracer(InstrumentationScope(name: "x"))
        for index in 0..<5 { tracer.startSpan("\(index)", parent: .root).end() }
        #expect(await provider.forceFlush(deadline: .after(.seconds(60))) == .completed)
        #expect(probe.names.sorted() == ["0", "1", "2", "3", "4"])
        #expect(probe.state.flushes == 1)
        #expect(await provider.forceFlush(deadline: .after(.seconds(60))) == .completed)
        #expect(probe.names.count == 5)
    }

    @Test func flushReturnsAtItsDeadlineIfTheExporterBlocks() async {
        let gate = Semaphore()
        let provider = Self.provider(BatchSpanProcessor(ProbeExporter(gate: gate), options: BatchOptions(scheduleDelay: Self.hour)))
        provider.tracer(InstrumentationScope(name: "x")).startSpan("stuck", parent: .root).end()
        #expect(await provider.forceFlush(deadline: .after(.milliseconds(20))) == .timedOut)
        #expect(await provider.shutdown(deadline: .after(.milliseconds(20))) == .timedOut)
        gate.post()
    }

    @Test func exportPastItsTimeoutIsCancelledAndItsBatchDropped() async {
        let gate = Semaphore()
        let probe = ProbeExporter(gate: gate, failure: .timedOut())
        let processor = BatchSpanProcessor(
            probe, options: BatchOptions(scheduleDelay: Self.hour, exportTimeout: .milliseconds(10)))
        let provider = Self.provider(processor)
        provider.tracer(InstrumentationScope(name: "x")).startSpan("slow", parent: .root).end()
        async let result = provider.forceFlush(deadline: .after(.seconds(60)))
        #expect(await eventually { probe.state.batches.count == 1 })
        gate.post()
        #expect(await result == .failed)
        #expect(processor.health.droppedCount == 1)
    }

    @Test(arguments: [
        ExportFailure.retryable(after: nil), .rejected(reason: "no"), .timedOut(), .partiallyRejected(count: 1, reason: "one"),
    ])
    func failedBatchIsDroppedAndCounted(failure: ExportFailure) async {
        let probe = ProbeExporter(failure: failure)
        let processor = BatchSpanProcessor(probe, options: BatchOptions(scheduleDelay: Self.hour))
        let provider = Self.provider(processor)
        let tracer = provider.tracer(InstrumentationScope(name: "x"))
        for _ in 0..<3 { tracer.startSpan("x", parent: .root).end() }
        #expect(await provider.forceFlush(deadline: .after(.seconds(60))) == .failed)
        let isPartial = failure == .partiallyRejected(count: 1, reason: "one")
        #expect(processor.health.droppedCount == (isPartial ? 1 : 3))
        #expect(processor.health.exported == (isPartial ? 2 : 0))
        #expect(probe.state.batches.count == 1)
    }

    @Test func spansAfterShutdownAreDroppedAndASecondShutdownHasNoEffect() async {
        let probe = ProbeExporter()
        let processor = BatchSpanProcessor(probe, options: BatchOptions(scheduleDelay: Self.hour))
        let provider = Self.provider(processor)
        let tracer = provider.tracer(InstrumentationScope(name: "x"))
        let open = tracer.startSpan("open", parent: .root)
        #expect(await provider.shutdown(deadline: .after(.seconds(60))) == .completed)
        #expect(await provider.shutdown(deadline: .after(.seconds(60))) == .completed)
        open.end()
        #expect(await provider.forceFlush(deadline: .after(.seconds(60))) == .completed)
        #expect(probe.names.isEmpty && probe.state.shutdowns == 1)
        #expect(processor.health.dropped == [.alreadyShutDown: 1])
    }

    /// Suspends without blocking its thread until the test resumes it.
    private final class SuspendingExporter: SpanExporter {
        private struct State {
            var exports = 0
            var suspended: CheckedContinuation<Void, Never>?
        }

        private let state = Mutex(State())

        var exports: Int { state.withLock { $0.exports } }
        var isSuspended: Bool { state.withLock { $0.suspended != nil } }

        func letGo() {
            let suspended = state.withLock { state in
                defer { state.suspended = nil }
                return state.suspended
            }
            suspended?.resume()
        }

        func export(_ batch: borrowing SpanBatch, deadline: Deadline) async throws(ExportFailure) {
            let isFirst = state.withLock { state in
                state.exports += 1
                return state.exports == 1
            }
            guard isFirst else { return }
            await withCheckedContinuation { continuation in state.withLock { $0.suspended = continuation } }
        }
    }

    @Test func flushDuringASuspendedExportIsAnswered() async {
        let exporter = SuspendingExporter()
        let provider = Self.provider(
            BatchSpanProcessor(exporter, options: BatchOptions(maxQueueSize: 16, maxExportBatchSize: 2, scheduleDelay: Self.hour)))
        let tracer = provider.tracer(InstrumentationScope(name: "x"))
        for _ in 0..<2 { tracer.startSpan("first", parent: .root).end() }
        #expect(await eventually { exporter.isSuspended })
        tracer.startSpan("second", parent: .root).end()
        async let result = provider.forceFlush(deadline: .after(.seconds(60)))
        async let other = provider.forceFlush(deadline: .after(.seconds(60)))
        // The worker has checked its signal before the export resumes.
        for _ in 0..<1000 { await Task.yield() }
        exporter.letGo()
        #expect(await result == .completed)
        #expect(await other == .completed)
        #expect(exporter.exports == 2)
    }

    @Test func simpleProcessorExportsWithoutAFlush() async {
        let probe = ProbeExporter()
        let tracer = Self.provider(SimpleSpanProcessor(probe)).tracer(InstrumentationScope(name: "x"))
        tracer.startSpan("now", parent: .root).end()
        #expect(await eventually { probe.names == ["now"] })
    }

    @Test func everyProcessorGetsEverySpan() async {
        let first = ProbeExporter()
        let second = ProbeExporter(failure: .rejected(reason: "always"))
        let memory = InMemorySpanExporter()
        let provider = Self.provider(
            memory, BatchSpanProcessor(first, options: BatchOptions()), BatchSpanProcessor(second, options: BatchOptions()))
        let tracer = provider.tracer(InstrumentationScope(name: "x"))
        for index in 0..<3 { tracer.startSpan("\(index)", parent: .root, ["n": AttributeValue(index)]).end() }
        #expect(await provider.forceFlush(deadline: .after(.seconds(60))) == .failed)
        #expect(memory.finishedSpans.map(\.name) == ["0", "1", "2"])
        #expect(first.names.sorted() == ["0", "1", "2"])
        #expect(second.names.sorted() == ["0", "1", "2"])
    }

    @Test func exportsProceedIfTheCooperativePoolIsBlocked() async {
        let probe = ProbeExporter()
        let tracer = Self.provider(SimpleSpanProcessor(probe)).tracer(InstrumentationScope(name: "x"))
        let release = Semaphore()
        await withTaskGroup(of: Void.self) { group in
            // One more than there are processors would never start; each one here occupies a thread until all is exported.
            for _ in 0..<(ProcessorLane.count) {
                group.addTask {
                    tracer.startSpan("blocked pool", parent: .root).end()
                    _ = release.wait(until: .after(.seconds(60)))
                }
            }
            _ = WorkerThread.start(named: "observer") {
                let deadline = Deadline.after(.seconds(60))
                while probe.names.isEmpty && !deadline.hasPassed { _ = Semaphore().wait(until: .after(.milliseconds(1))) }
                for _ in 0..<64 { release.post() }
            }
        }
        #expect(!probe.names.isEmpty)
    }
}
