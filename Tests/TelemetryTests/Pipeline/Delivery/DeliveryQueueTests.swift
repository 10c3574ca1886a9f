// Fan-out to several destinations, and concurrent exports of one.

import Synchronization
import Testing

@testable import Telemetry

/// An exporter that accepts several batches at a time, and holds each until the test releases it.
private final class ParallelExporter: SpanExporter, ReportingExporter {
    private let running = Mutex((now: 0, most: 0, names: [String]()))
    let gate = Semaphore()
    let maximumConcurrentExports: Int

    init(atATime count: Int) { maximumConcurrentExports = count }

    var mostRunning: Int { running.withLock { $0.most } }
    var nowRunning: Int { running.withLock { $0.now } }
    var names: [String] { running.withLock { $0.names } }

    func export(_ batch: borrowing SpanBatch, deadline: Deadline) async throws(ExportFailure) {
        let names = batch.map(\.name)
        running.withLock { state in
            state.now += 1
            state.most = max(state.most, state.now)
        }
        let isLetGo = gate.wait(until: deadline)
        running.withLock { state in
            state.now -= 1
            if isLetGo { state.names += names }
        }
        if !isLetGo { throw .timedOut() }
    }
}

/// An exporter whose exports go on, even if cancelled, until the test ends them.
private final class HoldingExporter: SpanExporter, ReportingExporter {
    let maximumConcurrentExports: Int
    let suspension = Suspension()

    init(atATime count: Int) { maximumConcurrentExports = count }

    func export(_ batch: borrowing SpanBatch, deadline: Deadline) async throws(ExportFailure) { await suspension.wait() }
}

struct DeliveryQueueTests {
    private static let hour = Duration.seconds(3600)
    private static let minute = Deadline.after(.seconds(60))

    private static func provider(_ processor: BatchSpanProcessor) -> TracerProvider {
        TracerProvider(
            resource: .empty, sampler: .alwaysOn, limits: SpanLimits(), processors: [processor], idGenerator: nil, clock: .system)
    }

    private static func record(_ count: Int, with provider: TracerProvider) {
        let tracer = provider.tracer(InstrumentationScope(name: "x"))
        for index in 0..<count { tracer.startSpan("\(index)", parent: .root).end() }
    }

    @Test(arguments: [1, 2])
    func exportThatIgnoresCancellationIsReported(atATime count: Int) async {
        let exporter = HoldingExporter(atATime: count)
        let processor = BatchSpanProcessor(exporter, options: BatchOptions(scheduleDelay: Self.hour, exportTimeout: .milliseconds(10)))
        let provider = Self.provider(processor)
        Self.record(1, with: provider)
        async let result = provider.forceFlush(deadline: .after(.seconds(60)))
        #expect(await eventually { processor.health.lastFailure?.message.contains("goes on although its time is over") == true })
        exporter.suspension.resume()
        #expect(await result == .completed)
        #expect(await provider.shutdown(deadline: .after(.seconds(60))) == .completed)
        #expect(processor.health.exported == 1)
    }

    @Test func everyDestinationGetsEverySpanOnce() async {
        let probes = [ProbeExporter(), ProbeExporter(), ProbeExporter()]
        let processor = BatchSpanProcessor(
            exporters: probes, options: BatchOptions(maxQueueSize: 2000, maxExportBatchSize: 7, scheduleDelay: Self.hour))
        let provider = Self.provider(processor)
        Self.record(1000, with: provider)
        #expect(await provider.shutdown(deadline: .after(.seconds(60))) == .completed)
        for probe in probes {
            let names = probe.names
            #expect(names.count == 1000 && Set(names).count == 1000)
            #expect(probe.state.batches.allSatisfy { (1...7).contains($0.count) })
            #expect(probe.state.mostRunning == 1 && probe.state.flushes == 1 && probe.state.shutdowns == 1)
        }
        #expect(processor.pipeline.health.count == 3)
        for health in processor.pipeline.health {
            #expect(health.accepted == 1000 && health.exported == 1000 && health.waiting == 0 && health.dropped.isEmpty)
        }
    }

    @Test func unresponsiveDestinationDoesNotAffectOtherDestinations() async {
        let gate = Semaphore()
        let (stuck, quick) = (ProbeExporter(gate: gate), ProbeExporter())
        let processor = BatchSpanProcessor(
            exporters: [stuck, quick], options: BatchOptions(maxQueueSize: 16, maxExportBatchSize: 8, scheduleDelay: Self.hour))
        let provider = Self.provider(processor)
        for round in 1...10 {
            Self.record(8, with: provider)
            #expect(await eventually { quick.names.count == 8 * round && !stuck.names.isEmpty })
        }
        // The unresponsive destination holds one batch and its queue is full; it alone loses later items.
        let health = processor.pipeline.health
        #expect(health[0].dropped == [.queueFull: 56] && health[0].waiting == 24)
        #expect(health[1].dropped.isEmpty && health[1].exported == 80)
        for _ in 0..<3 { gate.post() }
        #expect(await provider.shutdown(deadline: .after(.seconds(60))) == .completed)
        #expect(processor.pipeline.health[0].exported == 24 && processor.pipeline.health[0].waiting == 0)
    }

    @Test func failureIsRecordedForItsDestinationOnly() async {
        let (failing, working) = (ProbeExporter(failure: .rejected(reason: "no")), ProbeExporter())
        let processor = BatchSpanProcessor(exporters: [failing, working], options: BatchOptions(scheduleDelay: Self.hour))
        let provider = Self.provider(processor)
        Self.record(3, with: provider)
        #expect(await provider.forceFlush(deadline: .after(.seconds(60))) == .failed)
        // Reported once: the next flush succeeds.
        #expect(await provider.forceFlush(deadline: .after(.seconds(60))) == .completed)
        let health = processor.pipeline.health
        #expect(health[0].dropped == [.rejected: 3] && health[0].lastFailure?.message == "no")
        #expect(health[1].exported == 3 && health[1].lastFailure == nil)
        _ = await provider.shutdown(deadline: .after(.seconds(60)))
    }

    @Test func inFlightBatchesAreLimitedToTheExportersConcurrency() async {
        let exporter = ParallelExporter(atATime: 3)
        let processor = BatchSpanProcessor(
            exporter, options: BatchOptions(maxQueueSize: 20, maxExportBatchSize: 2, scheduleDelay: Self.hour))
        let provider = Self.provider(processor)
        Self.record(10, with: provider)
        #expect(await eventually { exporter.nowRunning == 3 })
        for _ in 0..<5 { exporter.gate.post() }
        #expect(await provider.shutdown(deadline: .after(.seconds(60))) == .completed)
        #expect(exporter.mostRunning == 3)
        #expect(Set(exporter.names) == Set((0..<10).map { "\($0)" }) && exporter.names.count == 10)
        let health = processor.health
        #expect(health.exported == 10 && health.waiting == 0 && health.destination == "ParallelExporter")
    }

    @Test func busyExporterDropsItemsBeyondTheQueueCapacity() async {
        let exporter = ParallelExporter(atATime: 2)
        let processor = BatchSpanProcessor(
            exporter, options: BatchOptions(maxQueueSize: 4, maxExportBatchSize: 2, scheduleDelay: Self.hour))
        let provider = Self.provider(processor)
        for _ in 0..<2 {
            let before = exporter.nowRunning
            Self.record(2, with: provider)
            #expect(await eventually { exporter.nowRunning == before + 1 })
        }
        Self.record(20, with: provider)
        // A third batch may have been taken out to wait for a thread.
        #expect((14...16).contains(processor.health.dropped[.queueFull] ?? 0))
        for _ in 0..<8 { exporter.gate.post() }
        #expect(await provider.shutdown(deadline: .after(.seconds(60))) == .completed)
        #expect(processor.health.waiting == 0 && processor.health.exported + processor.health.droppedCount == 24)
    }

    @Test(arguments: [1, 2])
    func shutdownPastItsDeadlineCountsUndeliveredItemsAsDropped(destinations: Int) async {
        let exporters = (0..<destinations).map { _ in ParallelExporter(atATime: 2) }
        let processor = BatchSpanProcessor(
            exporters: exporters, options: BatchOptions(maxQueueSize: 64, maxExportBatchSize: 2, scheduleDelay: Self.hour))
        let provider = Self.provider(processor)
        Self.record(40, with: provider)
        #expect(await provider.shutdown(deadline: .after(.milliseconds(50))) == .timedOut)
        for _ in 0..<100 { for exporter in exporters { exporter.gate.post() } }
        #expect(await eventually { processor.pipeline.health.allSatisfy { $0.waiting == 0 } })
        for health in processor.pipeline.health {
            #expect(health.accepted == 40 && health.exported + health.droppedCount == 40)
        }
    }

    @Test func noItemIsLostOrExportedTwiceUnderContention() async {
        let probes = [ProbeExporter(), ProbeExporter()]
        let processor = BatchSpanProcessor(
            exporters: probes,
            options: BatchOptions(maxQueueSize: 256, maxExportBatchSize: 64, fullQueuePolicy: .wait(atMost: .seconds(60))))
        let provider = Self.provider(processor)
        let done = Semaphore()
        for writer in 0..<4 {
            let tracer = provider.tracer(InstrumentationScope(name: "scope \(writer % 3)"))
            _ = WorkerThread.start(named: "writer") {
                for index in 0..<2_000 { tracer.startSpan("\(writer).\(index)", parent: .root).end() }
                done.post()
            }
        }
        for _ in 0..<4 { _ = done.wait(until: .after(.seconds(60))) }
        #expect(await provider.shutdown(deadline: .after(.seconds(60))) == .completed)
        for (probe, health) in zip(probes, processor.pipeline.health) {
            // Each of several destinations has its own capacity: items beyond it are counted.
            #expect(Set(probe.names).count == probe.names.count)
            #expect(UInt64(probe.names.count) == health.exported)
            #expect(health.accepted == 8_000 && health.exported + health.droppedCount == 8_000)
        }
    }
}
