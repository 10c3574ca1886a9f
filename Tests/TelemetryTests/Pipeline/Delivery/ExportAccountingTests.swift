// The counters of queues and exports.

import Synchronization
import Testing

@testable import Telemetry

struct ExportAccountingTests {
    private static let hour = Duration.seconds(3600)

    private static func tracer(_ processor: BatchSpanProcessor) -> Tracer {
        TracerProvider(
            resource: .empty, sampler: .alwaysOn, limits: SpanLimits(), processors: [processor], idGenerator: nil, clock: .system
        ).tracer(InstrumentationScope(name: "tests"))
    }

    private static func record(_ count: Int, with tracer: Tracer) {
        for index in 0..<count { tracer.startSpan("\(index)", parent: .root).end() }
    }

    @Test func itemsAreProcessedAtTheExportCallAndInFlightUntilItReturns() async {
        let gate = Semaphore()
        let probe = ProbeExporter(gate: gate)
        let processor = BatchSpanProcessor(
            probe, options: BatchOptions(maxQueueSize: 8, maxExportBatchSize: 4, scheduleDelay: Self.hour))
        let tracer = Self.tracer(processor)
        let pipeline = processor.pipeline
        Self.record(3, with: tracer)
        #expect(pipeline.queueCounts == QueueCounts(size: 3, capacity: 8, processed: 0, dropped: [:]))
        Self.record(1, with: tracer)
        #expect(await eventually { probe.names.count == 4 })
        #expect(pipeline.queueCounts == QueueCounts(size: 0, capacity: 8, processed: 4, dropped: [:]))
        #expect(pipeline.accountedDestinations[0].counts == ExporterCounts(inFlight: 4, exported: 0))
        for _ in 0..<8 { gate.post() }
        _ = await processor.shutdown(deadline: .after(.seconds(60)))
        #expect(pipeline.accountedDestinations[0].counts == ExporterCounts(inFlight: 0, exported: 4))
    }

    @Test func itemsRefusedByAFullOrClosedQueueCountAsDroppedByTheProcessor() async {
        let gate = Semaphore()
        let probe = ProbeExporter(gate: gate)
        let processor = BatchSpanProcessor(
            probe, options: BatchOptions(maxQueueSize: 4, maxExportBatchSize: 4, scheduleDelay: Self.hour))
        let tracer = Self.tracer(processor)
        let late = tracer.startSpan("late", parent: .root)
        Self.record(4, with: tracer)
        #expect(await eventually { probe.names.count == 4 })
        Self.record(6, with: tracer)
        #expect(processor.pipeline.queueCounts == QueueCounts(size: 4, capacity: 4, processed: 4, dropped: [.queueFull: 2]))
        for _ in 0..<8 { gate.post() }
        _ = await processor.shutdown(deadline: .after(.seconds(60)))
        late.end()
        let counts = processor.pipeline.queueCounts
        #expect(counts == QueueCounts(size: 0, capacity: 4, processed: 8, dropped: [.queueFull: 2, .alreadyShutDown: 1]))
        #expect(counts.dropped.keys.map(\.rawValue).sorted() == ["already_shutdown", "queue_full"])
        #expect(processor.pipeline.accountedDestinations[0].counts == ExporterCounts(exported: 8), "The exporter never saw the others.")
    }

    @Test func itemsAbandonedAtShutdownCountForTheProcessorAndNotTheExporter() async {
        let gate = Semaphore()
        let probe = ProbeExporter(gate: gate)
        let processor = BatchSpanProcessor(
            probe, options: BatchOptions(maxQueueSize: 8, maxExportBatchSize: 4, scheduleDelay: Self.hour))
        let tracer = Self.tracer(processor)
        Self.record(4, with: tracer)
        #expect(await eventually { probe.names.count == 4 })
        Self.record(3, with: tracer)
        #expect(await processor.shutdown(deadline: .after(.milliseconds(20))) == .timedOut)
        gate.post()
        #expect(await eventually { processor.pipeline.queueCounts.dropped == [.shutdownDeadline: 3] })
        #expect(processor.pipeline.queueCounts.size == 0 && processor.pipeline.queueCounts.processed == 4)
        #expect(await eventually { processor.pipeline.accountedDestinations[0].counts == ExporterCounts(exported: 4) })
        #expect(processor.health.droppedCount == 3)
    }

    /// How an export ends, and how its items then count.
    @Test(
        arguments: [
            (nil, 3, [:], nil), (.partiallyRejected(count: 1, reason: "old"), 2, [.rejected: 1], .rejected),
            (.rejected(reason: "no"), 0, [.rejected: 3], .rejected), (.timedOut(), 0, [.timedOut: 3], .timedOut),
            (.retryable(after: nil), 0, [.unreachable: 3], .unreachable), (.shutDown, 0, [.alreadyShutDown: 3], .alreadyShutDown),
        ] as [(ExportFailure?, UInt64, [DropReason: UInt64], DropReason?)])
    func eachItemCountsOnceAsExportedOrFailed(
        failure: ExportFailure?, exported: UInt64, failed: [DropReason: UInt64], reason: DropReason?
    ) async {
        let processor = BatchSpanProcessor(
            ProbeExporter(failure: failure), options: BatchOptions(maxExportBatchSize: 3, scheduleDelay: Self.hour))
        let finished = Journal<FinishedExport>()
        processor.pipeline.accounting.exports.observe { finished.note($0) }
        Self.record(3, with: Self.tracer(processor))
        _ = await processor.shutdown(deadline: .after(.seconds(60)))
        #expect(processor.pipeline.accountedDestinations[0].counts == ExporterCounts(exported: exported, failed: failed))
        #expect(finished.entries.map(\.failure) == [reason], "Only a full success has no failure.")
        #expect(processor.pipeline.queueCounts.processed == 3 && processor.pipeline.queueCounts.dropped.isEmpty)
    }

    /// An exporter whose exports take a given time on a manual clock.
    private struct SlowExporter: SpanExporter {
        let clock: ManualClock
        let status: Int?

        func export(_ batch: borrowing SpanBatch, deadline: Deadline) async throws(ExportFailure) {
            clock.advance(by: .milliseconds(1500))
            ExportNotes.current?.note(httpStatus: 503)
            clock.advance(by: .milliseconds(1000))
            ExportNotes.current?.note(httpStatus: status)
        }
    }

    @Test(arguments: [200, nil])
    func finishedExportIsReportedOnceWithTotalDurationAndLastStatus(status: Int?) async {
        let clock = ManualClock()
        let processor = BatchSpanProcessor(
            SlowExporter(clock: clock, status: status), options: BatchOptions(maxExportBatchSize: 2, scheduleDelay: Self.hour),
            clock: .manual(clock))
        let finished = Journal<FinishedExport>()
        processor.pipeline.accounting.exports.observe { finished.note($0) }
        Self.record(4, with: Self.tracer(processor))
        _ = await processor.shutdown(deadline: .after(.seconds(60)))
        let expected = FinishedExport(seconds: 2.5, failure: nil, httpStatus: status)
        #expect(finished.entries == [expected, expected])
    }

    @Test func exportWithoutAnObserverHasNoNotes() async {
        struct Looking: SpanExporter {
            let seen: Journal<Bool>
            func export(_ batch: borrowing SpanBatch, deadline: Deadline) async throws(ExportFailure) {
                seen.note(ExportNotes.current != nil)
            }
        }
        let seen = Journal<Bool>()
        let processor = BatchSpanProcessor(Looking(seen: seen), options: BatchOptions(maxExportBatchSize: 1, scheduleDelay: Self.hour))
        let tracer = Self.tracer(processor)
        Self.record(1, with: tracer)
        _ = await processor.forceFlush(deadline: .after(.seconds(60)))
        processor.pipeline.accounting.exports.observe { _ in }
        Self.record(1, with: tracer)
        _ = await processor.shutdown(deadline: .after(.seconds(60)))
        #expect(seen.entries == [false, true])
    }

    /// Buffers all batches.
    private final class Keeper: SpanExporter, ReportingExporter {
        let isBuffering = true
        private let kept = Mutex<UInt64>(0)

        var status: ExporterStatus { ExporterStatus(waiting: kept.withLock { $0 }) }

        func export(_ batch: borrowing SpanBatch, deadline: Deadline) async throws(ExportFailure) {
            let count = batch.count
            kept.withLock { $0 += UInt64(count) }
        }
    }

    @Test func keptBatchStaysInFlightAndIsNoFinishedExport() async {
        let processor = BatchSpanProcessor(Keeper(), options: BatchOptions(maxExportBatchSize: 2, scheduleDelay: Self.hour))
        let finished = Journal<FinishedExport>()
        processor.pipeline.accounting.exports.observe { finished.note($0) }
        Self.record(5, with: Self.tracer(processor))
        _ = await processor.shutdown(deadline: .after(.seconds(60)))
        #expect(processor.pipeline.accountedDestinations[0].counts == ExporterCounts(inFlight: 5))
        #expect(finished.entries.isEmpty && processor.pipeline.queueCounts.processed == 5)
    }

    @Test func destinationsAreAccountedSeparately() async {
        let processor = BatchSpanProcessor(
            exporters: [ProbeExporter(), ProbeExporter(failure: .rejected(reason: "no"))],
            options: BatchOptions(maxExportBatchSize: 2, scheduleDelay: Self.hour))
        let finished = Journal<FinishedExport>()
        for end in processor.pipeline.accountedDestinations { end.accounting.exports.observe { finished.note($0) } }
        Self.record(4, with: Self.tracer(processor))
        _ = await processor.shutdown(deadline: .after(.seconds(60)))
        #expect(processor.pipeline.queueCounts.processed == 4)
        #expect(
            processor.pipeline.accountedDestinations.map(\.counts) == [ExporterCounts(exported: 4), ExporterCounts(failed: [.rejected: 4])])
        #expect(finished.entries.map(\.failure).filter { $0 == .rejected }.count == 2 && finished.entries.count == 4)
    }

    @Test func fullDeliveryQueueCountsItemsAsFailedForItsDestinationOnly() async {
        let gate = Semaphore()
        let (stuck, quick) = (ProbeExporter(gate: gate), ProbeExporter())
        let processor = BatchSpanProcessor(
            exporters: [stuck, quick], options: BatchOptions(maxQueueSize: 4, maxExportBatchSize: 4, scheduleDelay: Self.hour))
        let tracer = Self.tracer(processor)
        for round in 1...3 {
            Self.record(4, with: tracer)
            #expect(await eventually { quick.names.count == 4 * round && !stuck.names.isEmpty })
        }
        // One batch is in flight and one in its queue.
        #expect(processor.pipeline.accountedDestinations[0].counts == ExporterCounts(inFlight: 4, failed: [.queueFull: 4]))
        #expect(processor.pipeline.queueCounts == QueueCounts(size: 0, capacity: 4, processed: 12, dropped: [:]))
        for _ in 0..<8 { gate.post() }
        _ = await processor.shutdown(deadline: .after(.seconds(60)))
        #expect(
            processor.pipeline.accountedDestinations.map(\.counts) == [
                ExporterCounts(exported: 8, failed: [.queueFull: 4]), ExporterCounts(exported: 12),
            ])
    }
}
