// The log processors that export.

import Synchronization
import Testing

@testable import Telemetry

struct BatchLogProcessorTests {
    private static let hour = Duration.seconds(3600)

    private static func log(_ provider: LoggerProvider) -> TelemetryLogger { provider.logger(InstrumentationScope(name: "x")) }

    private static func provider(_ processors: any LogProcessor...) -> LoggerProvider {
        LoggerProvider(resource: LogRecording.resource, processors: processors)
    }

    @Test func fullBatchIsExportedAtOnceAndTheRestAfterTheDefaultDelayOfOneSecond() async {
        let clock = ManualClock()
        let probe = ProbeExporter()
        let processor = BatchLogProcessor(probe, clock: .manual(clock))
        let log = Self.log(Self.provider(processor))
        // A full batch wakes the pipeline at once if one processor filled it: each keeps a part of a batch to itself.
        await onOneProcessor {
            for index in 0..<511 { log.info("\(index)") }
            #expect(probe.names.isEmpty)
            log.info("511")
        }
        #expect(await eventually { probe.names.count == 512 })
        // The schedule begins anew when the export has returned, not when the exporter was called.
        #expect(await processor.forceFlush(deadline: .after(.seconds(60))) == .completed)
        log.info("512")
        clock.advance(by: .milliseconds(999))
        #expect(probe.names.count == 512)
        clock.advance(by: .milliseconds(1))
        #expect(await eventually { probe.names.count == 513 })
        #expect(Set(probe.names) == Set((0...512).map { "\($0)" }))
    }

    @Test func optionsDefaultToTheEnvironmentAndThenToTheSpecification() throws {
        let variables = [
            "OTEL_BLRP_MAX_QUEUE_SIZE": "100", "OTEL_BLRP_MAX_EXPORT_BATCH_SIZE": "10", "OTEL_BLRP_SCHEDULE_DELAY": "7",
            "OTEL_BLRP_EXPORT_TIMEOUT": "8", "OTEL_BSP_MAX_QUEUE_SIZE": "5",
        ]
        func options(_ variables: [String: String], _ given: BatchOptions? = nil) throws -> BatchOptions {
            let processor = BatchLogProcessor(ProbeExporter(), options: given)
            try processor.configure(EnvironmentReader(variables))
            return processor.pipeline.options
        }
        #expect(
            try options(variables)
                == BatchOptions(
                    maxQueueSize: 100, maxExportBatchSize: 10, scheduleDelay: .milliseconds(7), exportTimeout: .milliseconds(8)))
        #expect(
            try options([:])
                == BatchOptions(maxQueueSize: 2048, maxExportBatchSize: 512, scheduleDelay: .seconds(1), exportTimeout: .seconds(30)))
        let given = BatchOptions(maxQueueSize: 3)
        #expect(try options(variables, given) == given)
    }

    @Test func exportsAreSequentialAndNoLargerThanTheBatchSize() async {
        let probe = ProbeExporter()
        let provider = Self.provider(
            BatchLogProcessor(probe, options: BatchOptions(maxQueueSize: 10_000, maxExportBatchSize: 7, scheduleDelay: Self.hour)))
        await onThreads(2) { thread in
            let log = provider.logger(InstrumentationScope(name: "scope \(thread)"))
            for index in 0..<1000 { log.info("\(thread).\(index)") }
        }
        #expect(await provider.shutdown(deadline: .after(.seconds(60))) == .completed)
        #expect(probe.state.batches.allSatisfy { (1...7).contains($0.count) } && probe.state.mostRunning == 1)
        #expect(probe.names.count == 2000 && Set(probe.names).count == 2000)
    }

    @Test func flushExportsTheQueueAndFlushesTheExporterAndShutdownShutsItDown() async {
        let probe = ProbeExporter()
        let processor = BatchLogProcessor(probe, options: BatchOptions(scheduleDelay: Self.hour))
        let provider = Self.provider(processor)
        let log = Self.log(provider)
        for index in 0..<5 { log.info("\(index)") }
        #expect(probe.names.isEmpty)
        #expect(await provider.forceFlush(deadline: .after(.seconds(60))) == .completed)
        #expect(probe.names == ["0", "1", "2", "3", "4"] && probe.state.flushes == 1)
        log.info("5")
        #expect(await provider.shutdown(deadline: .after(.seconds(60))) == .completed)
        #expect(probe.names.count == 6 && probe.state.shutdowns == 1)
        var late = ReadWriteLogRecord.madeUp
        processor.onEmit(&late)
        #expect(probe.names.count == 6 && processor.health.dropped == [.alreadyShutDown: 1])
    }

    @Test func flushReturnsAtItsDeadlineIfTheExporterIsUnresponsive() async {
        let gate = Semaphore()
        let provider = Self.provider(BatchLogProcessor(ProbeExporter(gate: gate), options: BatchOptions(scheduleDelay: Self.hour)))
        Self.log(provider).info("stuck")
        #expect(await provider.forceFlush(deadline: .after(.milliseconds(20))) == .timedOut)
        #expect(await provider.shutdown(deadline: .after(.milliseconds(20))) == .timedOut)
        gate.post()
    }

    @Test(arguments: [true, false])
    func emittingDoesNotWaitForTheExporter(isImmediate: Bool) async {
        let gate = Semaphore()
        let probe = ProbeExporter(gate: gate)
        let options = BatchOptions(maxQueueSize: 4, maxExportBatchSize: 1, scheduleDelay: Self.hour)
        let provider = Self.provider(
            isImmediate ? SimpleLogProcessor(probe, maxQueueSize: 4) : BatchLogProcessor(probe, options: options))
        let log = Self.log(provider)
        // The exporter returns only once all records were emitted: if one waited for it, the test would hang.
        for _ in 0..<100 { log.info("x") }
        #expect(probe.state.batches.count <= 1)
        for _ in 0..<100 { gate.post() }
        #expect(await provider.shutdown(deadline: .after(.seconds(300))) == .completed)
    }

    @Test func fullQueueDropsAndCountsTheNewRecord() async {
        let gate = Semaphore()
        let probe = ProbeExporter(gate: gate)
        let processor = BatchLogProcessor(probe, options: BatchOptions(maxQueueSize: 4, maxExportBatchSize: 2, scheduleDelay: Self.hour))
        let provider = Self.provider(processor)
        let log = Self.log(provider)
        for index in 0..<2 { log.info("\(index)") }
        #expect(await eventually { probe.names.count == 2 })
        for index in 2..<10 { log.info("\(index)") }
        #expect(processor.health.accepted == 10 && processor.health.dropped == [.queueFull: 4])
        for _ in 0..<8 { gate.post() }
        #expect(await provider.shutdown(deadline: .after(.seconds(60))) == .completed)
        #expect(Set(probe.names) == Set((0..<6).map { "\($0)" }) && probe.names.count == 6)
    }

    @Test(
        arguments: [
            nil, .retryable(after: nil), .rejected(reason: "no"), .timedOut(), .partiallyRejected(count: 1, reason: "one of each batch"),
        ] as [ExportFailure?], [true, false])
    func everyRecordOfTwoConcurrentThreadsIsExportedOrDroppedWithAReason(failure: ExportFailure?, isImmediate: Bool) async {
        let probe = ProbeExporter(failure: failure)
        let processor: any LogProcessor & PipelineOwner =
            isImmediate
            ? SimpleLogProcessor(probe, maxQueueSize: 64)
            : BatchLogProcessor(probe, options: BatchOptions(maxQueueSize: 64, maxExportBatchSize: 16, scheduleDelay: .milliseconds(1)))
        let provider = Self.provider(processor)
        let log = Self.log(provider)
        await onThreads(2) { thread in for index in 0..<5000 { log.info("\(thread).\(index)", ["index": AttributeValue(index)]) } }
        _ = await provider.shutdown(deadline: .after(.seconds(300)))
        let health = processor.health
        let reached = UInt64(probe.names.count)
        #expect(health.accepted == 10_000 && health.waiting == 0)
        #expect(health.exported + health.droppedCount == 10_000)
        #expect(reached + (health.dropped[.queueFull] ?? 0) == 10_000 && Set(probe.names).count == Int(reached))
        switch failure {
        case nil: #expect(health.exported == reached)
        case .retryable?: #expect(health.dropped[.unreachable] == reached && health.exported == 0)
        case .timedOut?: #expect(health.dropped[.timedOut] == reached && health.exported == 0)
        case .partiallyRejected?: #expect(health.dropped[.rejected] == UInt64(probe.state.batches.count))
        default: #expect(health.dropped[.rejected] == reached && health.exported == 0)
        }
    }

    @Test func recordsBeforeAnUnresponsiveExporterAreCounted() async {
        let gate = Semaphore()
        let probe = ProbeExporter(gate: gate)
        let processor = BatchLogProcessor(probe, options: BatchOptions(maxQueueSize: 64, maxExportBatchSize: 16, scheduleDelay: Self.hour))
        let provider = Self.provider(processor)
        let log = Self.log(provider)
        await onThreads(2) { thread in for index in 0..<5000 { log.info("\(thread).\(index)") } }
        let hanging = processor.health
        #expect(hanging.accepted == 10_000 && hanging.exported == 0 && hanging.waiting <= 64 + 16)
        #expect(hanging.dropped == [.queueFull: 10_000 - hanging.waiting])
        #expect(await provider.shutdown(deadline: .after(.milliseconds(50))) == .timedOut)
        for _ in 0..<100 { gate.post() }
        #expect(processor.health.waiting == 0)
        // The export that was under way succeeds after all.
        #expect(await eventually { processor.health.exported == 16 && probe.names.count == 16 })
        let health = processor.health
        #expect(health.accepted == 10_000 && health.exported + health.droppedCount == 10_000)
        #expect(Set(health.dropped.keys).isSubset(of: [.queueFull, .shutdownDeadline]))
    }

    @Test func immediateProcessorExportsWithoutAFlushAndBatchesRecordsThatCameMeanwhile() async {
        let gate = Semaphore()
        let probe = ProbeExporter(gate: gate)
        let provider = Self.provider(SimpleLogProcessor(probe))
        let log = Self.log(provider)
        log.info("first")
        #expect(await eventually { probe.names == ["first"] })
        for index in 0..<600 { log.info("\(index)") }
        for _ in 0..<3 { gate.post() }
        #expect(await eventually { probe.names.count == 601 })
        #expect(probe.state.batches.map(\.count) == [1, 600])
        #expect(Set(probe.names) == Set(["first"] + (0..<600).map { "\($0)" }))
        for _ in 0..<10 { gate.post() }
        #expect(await provider.shutdown(deadline: .after(.seconds(300))) == .completed)
    }

    @Test func immediateProcessorExportsARecordWithoutALaterOne() async {
        let exporter = YieldingLogExporter()
        let provider = Self.provider(SimpleLogProcessor(exporter))
        let log = Self.log(provider)
        // Nothing comes after the last record of a round: without a wake-up it would stay for an hour.
        for round in 1...150 {
            await onThreads(2) { thread in for index in 0...round % 4 { log.info("\(round).\(thread).\(index)") } }
            let expected = (1...round).reduce(0) { $0 + 2 * ($1 % 4 + 1) }
            guard await eventually({ exporter.count == expected }) else {
                Issue.record("Round \(round): \(exporter.count) of \(expected) records have come.")
                break
            }
        }
        #expect(await provider.shutdown(deadline: .after(.seconds(300))) == .completed)
    }

    @Test func flushOfAnImmediateProcessorLosesNoRecord() async {
        let probe = ProbeExporter()
        let provider = Self.provider(SimpleLogProcessor(probe, maxQueueSize: 10_000))
        let log = Self.log(provider)
        for round in 1...20 {
            await onThreads(2) { thread in for index in 0..<50 { log.info("\(round).\(thread).\(index)") } }
            #expect(await provider.forceFlush(deadline: .after(.seconds(300))) == .completed)
            #expect(probe.names.count == round * 100 && probe.state.mostRunning == 1)
        }
        #expect(Set(probe.names).count == 2000)
        #expect(await provider.shutdown(deadline: .after(.seconds(300))) == .completed)
        #expect(probe.state.shutdowns == 1)
    }

    @Test func allExportersOfAProcessorGetTheSameRecords() async {
        let probes = [ProbeExporter(), ProbeExporter(failure: .rejected(reason: "always")), ProbeExporter()]
        let provider = Self.provider(.batch(probes[0], probes[1], probes[2], options: BatchOptions(scheduleDelay: Self.hour)))
        let log = Self.log(provider)
        for index in 0..<100 { log.info("\(index)") }
        #expect(await provider.forceFlush(deadline: .after(.seconds(60))) == .failed)
        for probe in probes { #expect(Set(probe.names) == Set((0..<100).map { "\($0)" })) }
        #expect(provider.health.map(\.exported) == [100, 0, 100] && provider.health[1].dropped == [.rejected: 100])
        _ = await provider.shutdown(deadline: .after(.seconds(60)))
    }

    @Test func processorNameIsItsComponentTypeWithANumber() {
        let batch = BatchLogProcessor(ProbeExporter())
        let immediate = SimpleLogProcessor(ProbeExporter())
        #expect(batch.health.name.hasPrefix("batching_log_processor/") && immediate.health.name.hasPrefix("simple_log_processor/"))
        #expect(batch.health.destination == "ProbeExporter")
    }
}

/// Counts records, and lets the thread of the processor wait in the middle of each export.
private final class YieldingLogExporter: LogExporter {
    private let counter = Atomic(0)

    var count: Int { counter.load(ordering: .relaxed) }

    func export(_ batch: borrowing LogBatch, deadline: Deadline) async throws(ExportFailure) {
        let count = batch.count
        await withCheckedContinuation { continuation in Task.detached { continuation.resume() } }
        counter.wrappingAdd(count, ordering: .relaxed)
    }
}

extension ReadWriteLogRecord {
    /// A record that no logger made.
    fileprivate static var madeUp: ReadWriteLogRecord {
        let seen = Journal<ReadWriteLogRecord>()
        let keep = CustomLogProcessor(emit: { seen.note($0) })
        LoggerProvider(resource: LogRecording.resource, processors: [keep]).logger(InstrumentationScope(name: "x")).info("made up")
        return seen.entries[0]
    }
}
