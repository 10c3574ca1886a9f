// Results of flush and shutdown after losses, at deadlines, and during a receiver's pause.

import Synchronization
import Testing

@testable import Telemetry

struct FlushAnswersTests {
    private static let far = Deadline.after(.seconds(300))
    private static let hour = Duration.seconds(3600)

    /// An exporter whose exports end with the result that the test sets.
    private final class DirectedExporter: SpanExporter {
        private let outcomes = Mutex<[ExportFailure?]>([])
        let begun = Counter()
        let ended = Counter()

        func finish(_ failure: ExportFailure? = nil) { outcomes.withLock { $0.append(failure) } }

        func export(_ batch: borrowing SpanBatch, deadline: Deadline) async throws(ExportFailure) {
            begun.next()
            while outcomes.withLock({ $0.isEmpty }) { await Task.yield() }
            let failure = outcomes.withLock { $0.removeFirst() }
            ended.next()
            if let failure { throw failure }
        }
    }

    private static func tracer(_ processor: any SpanProcessor) -> Tracer {
        TracerProvider(
            resource: .empty, sampler: .alwaysOn, limits: SpanLimits(), processors: [processor], idGenerator: nil, clock: .system
        ).tracer(InstrumentationScope(name: "x"))
    }

    private static func processors(_ exporter: DirectedExporter) -> [BatchSpanProcessor] {
        let options = BatchOptions(maxExportBatchSize: 1, scheduleDelay: hour)
        return [
            BatchSpanProcessor(exporter, options: options),
            BatchSpanProcessor(exporters: [exporter, InMemorySpanExporter()], options: options),
        ]
    }

    // MARK: Losses

    @Test(arguments: [0, 1])
    func lossAfterAFlushHasTimedOutIsReportedByTheNextRequest(kind: Int) async {
        for isShutdown in [false, true] {
            let exporter = DirectedExporter()
            let processor = Self.processors(exporter)[kind]
            Self.tracer(processor).startSpan("a", parent: .root).end()
            #expect(await processor.forceFlush(deadline: .after(.milliseconds(20))) == .timedOut)
            exporter.finish(.rejected(reason: "no"))
            #expect(await eventually { exporter.ended.count == 1 })
            let next =
                isShutdown ? await processor.shutdown(deadline: Self.far) : await processor.forceFlush(deadline: Self.far)
            #expect(next == .failed)
            #expect(await processor.shutdown(deadline: Self.far) == (isShutdown ? .failed : .completed), "It was reported once.")
        }
    }

    @Test(arguments: [0, 1])
    func lossIsReportedToEveryPendingRequest(kind: Int) async {
        let exporter = DirectedExporter()
        let processor = Self.processors(exporter)[kind]
        Self.tracer(processor).startSpan("a", parent: .root).end()
        async let first = processor.forceFlush(deadline: Self.far)
        #expect(await eventually { exporter.begun.count == 1 })
        async let second = processor.forceFlush(deadline: Self.far)
        async let third = processor.shutdown(deadline: Self.far)
        #expect(await eventually { processor.pipeline.requests.shutdownDeadline != nil })
        exporter.finish(.rejected(reason: "no"))
        #expect(await [first, second, third] == [.failed, .failed, .failed])
    }

    @Test func lossBeforeAnyRequestIsReportedByTheFirst() async {
        let exporter = DirectedExporter()
        let processor = BatchSpanProcessor(exporter, options: BatchOptions(maxExportBatchSize: 1, scheduleDelay: Self.hour))
        let tracer = Self.tracer(processor)
        exporter.finish(.rejected(reason: "no"))
        tracer.startSpan("a", parent: .root).end()
        #expect(await eventually { exporter.ended.count == 1 })
        #expect(await eventually { processor.health.droppedCount == 1 })
        exporter.finish()
        tracer.startSpan("b", parent: .root).end()
        #expect(await processor.forceFlush(deadline: Self.far) == .failed)
        #expect(await processor.forceFlush(deadline: Self.far) == .completed)
        #expect(await processor.shutdown(deadline: Self.far) == .completed)
    }

    // MARK: Reasons

    @Test(arguments: [ExportFailure.timedOut(reason: "connection refused"), .retryable(after: nil, reason: "connection refused")])
    func exportCutOffByShutdownCountsAsShutdownDeadlineAndKeepsItsCause(failure: ExportFailure) async {
        /// Fails once its task is cancelled.
        struct Cancelled: SpanExporter {
            let failure: ExportFailure
            func export(_ batch: borrowing SpanBatch, deadline: Deadline) async throws(ExportFailure) {
                while !Task.isCancelled && !deadline.hasPassed { await Task.yield() }
                throw failure
            }
        }
        let processor = BatchSpanProcessor(
            Cancelled(failure: failure), options: BatchOptions(maxExportBatchSize: 1, scheduleDelay: Self.hour))
        Self.tracer(processor).startSpan("a", parent: .root).end()
        #expect(await processor.shutdown(deadline: .after(.milliseconds(50))) == .timedOut)
        #expect(processor.health.dropped == [.shutdownDeadline: 1] && processor.health.waiting == 0)
    }

    @Test func exportPastItsOwnTimeoutCountsAsTimedOut() async {
        struct Slow: SpanExporter {
            func export(_ batch: borrowing SpanBatch, deadline: Deadline) async throws(ExportFailure) {
                while !Task.isCancelled { await Task.yield() }
                throw .timedOut(reason: "429 from the receiver")
            }
        }
        let processor = BatchSpanProcessor(
            Slow(), options: BatchOptions(maxExportBatchSize: 1, scheduleDelay: Self.hour, exportTimeout: .milliseconds(10)))
        Self.tracer(processor).startSpan("a", parent: .root).end()
        #expect(await processor.forceFlush(deadline: Self.far) == .failed)
        #expect(processor.health.dropped == [.timedOut: 1])
        #expect(processor.health.lastFailure?.message == "the export took longer than its timeout: 429 from the receiver")
        #expect(await processor.shutdown(deadline: Self.far) == .completed)
    }

    // MARK: Pauses

    @Test(arguments: [0, 1])
    func pauseRequestedByTheReceiverDelaysTheNextBatches(kind: Int) async {
        let exporter = DirectedExporter()
        let clock = ManualClock()
        let options = BatchOptions(maxExportBatchSize: 1, scheduleDelay: Self.hour)
        let processor =
            kind == 0
            ? BatchSpanProcessor(exporter, options: options, clock: .manual(clock))
            : BatchSpanProcessor(exporters: [exporter, InMemorySpanExporter()], options: options, clock: .manual(clock))
        let tracer = Self.tracer(processor)
        exporter.finish(.retryable(after: .seconds(120), reason: "busy"))
        tracer.startSpan("a", parent: .root).end()
        #expect(await processor.forceFlush(deadline: Self.far) == .failed)
        exporter.finish()
        tracer.startSpan("b", parent: .root).end()
        #expect(await processor.forceFlush(deadline: .after(.milliseconds(30))) == .timedOut)
        #expect(exporter.begun.count == 1, "Nothing is sent during the pause.")
        guard kind == 0 else {
            // The queues of several destinations use the system clock: the shutdown does not wait for the pause.
            #expect(await processor.shutdown(deadline: .after(.seconds(60))) != .completed)
            return #expect(processor.health.dropped == [.unreachable: 1, .shutdownDeadline: 1])
        }
        clock.advance(by: .seconds(119))
        #expect(exporter.begun.count == 1)
        clock.advance(by: .seconds(1))
        #expect(await eventually { exporter.ended.count == 2 })
        #expect(await processor.shutdown(deadline: Self.far) == .completed)
        #expect(processor.health.exported == 1 && processor.health.dropped == [.unreachable: 1])
    }

    @Test func shutdownDoesNotWaitForAPauseThatOutlastsIt() async {
        let exporter = DirectedExporter()
        let processor = BatchSpanProcessor(exporter, options: BatchOptions(maxExportBatchSize: 1, scheduleDelay: Self.hour))
        let tracer = Self.tracer(processor)
        exporter.finish(.retryable(after: .seconds(3000), reason: "busy"))
        tracer.startSpan("a", parent: .root).end()
        #expect(await processor.forceFlush(deadline: Self.far) == .failed)
        tracer.startSpan("b", parent: .root).end()
        let start = SystemClock.monotonicNanoseconds()
        #expect(await processor.shutdown(deadline: .after(.seconds(600))) == .failed)
        #expect(SystemClock.monotonicNanoseconds() - start < 300_000_000_000, "It returned before its deadline.")
        #expect(processor.health.dropped == [.unreachable: 1, .shutdownDeadline: 1])
    }

    // MARK: Idle

    @Test func idleWorkerWithoutADelayDoesNotWake() async {
        let processor = BatchSpanProcessor(InMemorySpanExporter(), options: BatchOptions(scheduleDelay: .zero))
        #expect(processor.pipeline.wakesForEachItem)
        let tracer = Self.tracer(processor)
        for count in 1...3 {
            tracer.startSpan("a", parent: .root).end()
            #expect(await eventually { processor.health.exported == UInt64(count) }, "Each span is exported without a flush.")
        }
        #expect(await processor.shutdown(deadline: Self.far) == .completed)
    }
}
