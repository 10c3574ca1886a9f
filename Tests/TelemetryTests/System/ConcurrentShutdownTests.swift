// Concurrent shutdowns and flushes of the telemetry system.

import Synchronization
import Testing

@testable import Telemetry

struct ConcurrentShutdownTests {
    /// An exporter of all signals whose exports block until it is released.
    private final class SlowExporter: SpanExporter, LogExporter, MetricExporter {
        private let gate = Semaphore()
        let isExporting = Counter()
        private let counts = Mutex((spans: 0, records: 0, points: 0))

        /// Lets all exports go on, those to come as well.
        func letGo() { gate.post() }

        private func waitToBeLetGo() {
            if gate.wait(until: .after(.seconds(60))) { gate.post() }
        }

        var taken: (spans: Int, records: Int, points: Int) { counts.withLock { $0 } }

        func export(_ batch: borrowing SpanBatch, deadline: Deadline) async throws(ExportFailure) {
            let count = batch.map(\.name).count
            isExporting.next()
            waitToBeLetGo()
            counts.withLock { $0.spans += count }
        }

        func export(_ batch: borrowing LogBatch, deadline: Deadline) async throws(ExportFailure) {
            let count = batch.map(\.body).count
            isExporting.next()
            waitToBeLetGo()
            counts.withLock { $0.records += count }
        }

        func export(_ batch: borrowing MetricBatch, deadline: Deadline) async throws(ExportFailure) {
            let count = batch.pointCount
            isExporting.next()
            waitToBeLetGo()
            counts.withLock { $0.points += count }
        }

        func forceFlush(deadline: Deadline) async -> FlushResult { .completed }
        func shutdown(deadline: Deadline) async -> FlushResult { .completed }
    }

    private static func start(_ exporter: SlowExporter, selfMetrics: Bool = false) throws -> TelemetrySystem {
        let hour = Duration.seconds(3600)
        return try TelemetrySystem.start(
            spans: [.batch(exporter, options: BatchOptions(scheduleDelay: hour))], metrics: [.periodic(exporter, every: hour)],
            logs: [.batch(exporter, options: BatchOptions(scheduleDelay: hour))], selfMetrics: selfMetrics, environment: [:])
    }

    private static func recordOneOfEach(_ telemetry: TelemetrySystem) {
        telemetry.tracer("x").startSpan("x", parent: .root).end()
        telemetry.meter("x").counter("x").add(1)
        telemetry.logger("x").info("x")
    }

    @Test(arguments: [false, true])
    func concurrentShutdownsDeliverEverySignalOnceAndAgree(selfMetrics: Bool) async throws {
        for _ in 0..<40 {
            let exporter = SlowExporter()
            exporter.letGo()
            let telemetry = try Self.start(exporter, selfMetrics: selfMetrics)
            let counter = telemetry.meter("x").counter("x")
            for _ in 0..<1_000 { counter.add(1) }
            Self.recordOneOfEach(telemetry)
            async let first = telemetry.shutdown(within: .seconds(60))
            async let second = telemetry.shutdown(within: .seconds(60))
            #expect(await [first, second] == [.completed, .completed])
            let taken = exporter.taken
            #expect(taken.spans == 1 && taken.records == 1)
            #expect(selfMetrics ? taken.points > 1 : taken.points == 1)
            #expect(telemetry.health.pipelines.allSatisfy { $0.waiting == 0 && $0.droppedCount == 0 })
        }
    }

    @Test func laterShutdownAndFlushReturnTheResultOfTheFirst() async throws {
        let exporter = SlowExporter()
        let telemetry = try Self.start(exporter)
        Self.recordOneOfEach(telemetry)
        async let first = telemetry.shutdown(within: .seconds(60))
        #expect(await eventually { exporter.isExporting.count == 3 })
        #expect(await telemetry.shutdown(within: .zero) == .timedOut, "Its own deadline comes first.")
        #expect(await telemetry.forceFlush(within: .zero) == .timedOut)
        async let second = telemetry.shutdown(within: .seconds(60))
        async let flush = telemetry.forceFlush(within: .seconds(60))
        exporter.letGo()
        #expect(await [first, second, flush] == [.completed, .completed, .completed])
        #expect(exporter.taken == (1, 1, 1))
    }

    @Test func laterShutdownsReturnTheTimeoutOfTheFirst() async throws {
        let exporter = SlowExporter()
        let telemetry = try Self.start(exporter)
        Self.recordOneOfEach(telemetry)
        async let flush = telemetry.forceFlush(within: .seconds(60))
        #expect(await eventually { exporter.isExporting.count == 3 })
        let begun = telemetry.requests(isShutdown: true, .after(.milliseconds(300)))
        async let first = begun.waitWithoutBlocking()
        #expect(await telemetry.shutdown(within: .seconds(60)) == .timedOut)
        #expect(await first == .timedOut)
        #expect(await telemetry.forceFlush(within: .seconds(60)) == .completed, "Nothing is left to deliver.")
        exporter.letGo()
        _ = await flush
    }

    @Test func concurrentFlushesBothDeliverEarlierItems() async throws {
        let exporter = SlowExporter()
        let telemetry = try Self.start(exporter)
        Self.recordOneOfEach(telemetry)
        async let first = telemetry.forceFlush(within: .seconds(60))
        #expect(await eventually { exporter.isExporting.count == 3 })
        #expect(await telemetry.forceFlush(within: .milliseconds(1)) == .timedOut)
        async let second = telemetry.forceFlush(within: .seconds(60))
        exporter.letGo()
        #expect(await [first, second] == [.completed, .completed])
        #expect(exporter.taken.spans == 1 && exporter.taken.records == 1 && exporter.taken.points >= 2)
        #expect(await telemetry.shutdown(within: .seconds(60)) == .completed)
    }

    @Test func healthIsFinalWhenShutdownTimesOut() async throws {
        let exporter = SlowExporter()
        let telemetry = try Self.start(exporter)
        let tracer = telemetry.tracer("x")
        for _ in 0..<1_500 { tracer.startSpan("x", parent: .root).end() }
        Self.recordOneOfEach(telemetry)
        async let flush = telemetry.forceFlush(within: .seconds(60))
        #expect(await eventually { exporter.isExporting.count == 3 })
        #expect(await telemetry.shutdown(within: .milliseconds(50)) == .timedOut)
        let settled = telemetry.health
        tracer.startSpan("late", parent: .root).end()
        for pipeline in settled.pipelines {
            #expect(pipeline.waiting == 0 && pipeline.dropped[.shutdownDeadline] == pipeline.accepted)
            #expect(pipeline.accepted > 0 && pipeline.exported == 0)
            #expect(pipeline.lastFailure?.message.hasPrefix("the deadline of the shutdown came first: ") == true)
        }
        exporter.letGo()
        // The exports that were under way succeed after all, and are counted.
        #expect(await eventually { telemetry.health.pipelines.allSatisfy { $0.exported > 0 } })
        #expect(telemetry.health.pipelines.allSatisfy { $0.waiting == 0 && $0.exported + $0.droppedCount == $0.accepted })
        _ = await flush
    }
}
