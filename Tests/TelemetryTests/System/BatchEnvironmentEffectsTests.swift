// Effects of the variables for batches and periodic collections on exports.

import Synchronization
import Testing

@testable import Telemetry

@Suite(.serialized) struct BatchEnvironmentEffectsTests {
    /// Takes spans and log records, notes how long each export may take, and suspends until it is cancelled if that is wanted.
    private final class PatienceProbe: SpanExporter, LogExporter {
        private struct State {
            var remaining: [Duration] = []
            var cancellations = 0
        }

        private let state = Mutex(State())
        private let isSuspending: Bool

        init(isSuspending: Bool = false) {
            self.isSuspending = isSuspending
        }

        var remaining: [Duration] { state.withLock { $0.remaining } }
        var cancellations: Int { state.withLock { $0.cancellations } }

        func export(_ batch: borrowing SpanBatch, deadline: Deadline) async throws(ExportFailure) { try await export(deadline) }
        func export(_ batch: borrowing LogBatch, deadline: Deadline) async throws(ExportFailure) { try await export(deadline) }
        func forceFlush(deadline: Deadline) async -> FlushResult { .completed }
        func shutdown(deadline: Deadline) async -> FlushResult { .completed }

        private func export(_ deadline: Deadline) async throws(ExportFailure) {
            state.withLock { $0.remaining.append(deadline.remaining) }
            guard isSuspending else { return }
            let suspension = Suspension()
            await withTaskCancellationHandler {
                await suspension.wait()
            } onCancel: {
                suspension.resume()
            }
            state.withLock { $0.cancellations += 1 }
            throw .timedOut()
        }
    }

    private static func start(
        _ environment: [String: String], spans: [any SpanProcessor] = [], metrics: [any MetricReader] = [], logs: [any LogProcessor] = []
    ) throws -> TelemetrySystem {
        try .start(detectors: [], spans: spans, metrics: metrics, logs: logs, environment: environment)
    }

    // MARK: Schedule delays

    /// Waits until the threads of processors run: delays count from then on.
    private static func begin(_ telemetry: TelemetrySystem) async {
        #expect(await telemetry.forceFlush(within: .seconds(60)) == .completed)
    }

    @Test func scheduleDelayVariableAppliesToSpans() async throws {
        let (clock, probe) = (ManualClock(), ProbeExporter())
        let telemetry = try Self.start(["OTEL_BSP_SCHEDULE_DELAY": "700"], spans: [BatchSpanProcessor(probe, clock: .manual(clock))])
        await Self.begin(telemetry)
        telemetry.tracer("tests").startSpan("first", parent: .root).end()
        clock.advance(by: .milliseconds(699))
        telemetry.tracer("tests").startSpan("second", parent: .root).end()
        #expect(probe.state.batches.isEmpty)
        clock.advance(by: .milliseconds(1))
        #expect(await eventually { probe.state.batches.map(Set.init) == [["first", "second"]] })
        await telemetry.shutdown(within: .seconds(60))
    }

    @Test func scheduleDelayVariableAppliesToLogRecords() async throws {
        let (clock, probe) = (ManualClock(), ProbeExporter())
        let telemetry = try Self.start(["OTEL_BLRP_SCHEDULE_DELAY": "700"], logs: [BatchLogProcessor(probe, clock: .manual(clock))])
        await Self.begin(telemetry)
        telemetry.logger("tests").info("first")
        clock.advance(by: .milliseconds(699))
        telemetry.logger("tests").info("second")
        #expect(probe.state.batches.isEmpty)
        clock.advance(by: .milliseconds(1))
        #expect(await eventually { probe.state.batches == [["first", "second"]] })
        await telemetry.shutdown(within: .seconds(60))
    }

    @Test func defaultScheduleDelaysAreFiveSecondsAndOneSecond() async throws {
        let (clock, spans, logs) = (ManualClock(), ProbeExporter(), ProbeExporter())
        let telemetry = try Self.start(
            [:], spans: [BatchSpanProcessor(spans, clock: .manual(clock))], logs: [BatchLogProcessor(logs, clock: .manual(clock))])
        await Self.begin(telemetry)
        telemetry.tracer("tests").startSpan("span", parent: .root).end()
        telemetry.logger("tests").info("record")
        clock.advance(by: .milliseconds(999))
        #expect(logs.state.batches.isEmpty)
        clock.advance(by: .milliseconds(1))
        #expect(await eventually { logs.state.batches == [["record"]] })
        clock.advance(by: .milliseconds(3999))
        #expect(spans.state.batches.isEmpty)
        clock.advance(by: .milliseconds(1))
        #expect(await eventually { spans.state.batches == [["span"]] })
        await telemetry.shutdown(within: .seconds(60))
    }

    // MARK: Export timeouts

    /// The export timeout: the value of the variable, or nil, and the range of the expected duration.
    private static let timeouts: [(String?, ClosedRange<Duration>)] = [
        (nil, .seconds(5) ... .seconds(30)), ("3600000", .seconds(3000) ... .seconds(3600)),
        ("0", .seconds(1_000_000) ... .seconds(1_000_000_000)),
        ("4000", .zero ... .seconds(4)),
    ]

    @Test(arguments: timeouts)
    func exportTimeoutVariableAppliesToSpans(value: String?, expected: ClosedRange<Duration>) async throws {
        let probe = PatienceProbe()
        let telemetry = try Self.start(value.map { ["OTEL_BSP_EXPORT_TIMEOUT": $0] } ?? [:], spans: [.batch(probe)])
        telemetry.tracer("tests").startSpan("x", parent: .root).end()
        #expect(await telemetry.forceFlush(within: .seconds(2_000_000_000)) == .completed)
        #expect(probe.remaining.count == 1 && expected.contains(probe.remaining[0]))
        await telemetry.shutdown(within: .seconds(60))
    }

    @Test(arguments: timeouts)
    func exportTimeoutVariableAppliesToLogRecords(value: String?, expected: ClosedRange<Duration>) async throws {
        let probe = PatienceProbe()
        let telemetry = try Self.start(value.map { ["OTEL_BLRP_EXPORT_TIMEOUT": $0] } ?? [:], logs: [.batch(probe)])
        telemetry.logger("tests").info("x")
        #expect(await telemetry.forceFlush(within: .seconds(2_000_000_000)) == .completed)
        #expect(probe.remaining.count == 1 && expected.contains(probe.remaining[0]))
        await telemetry.shutdown(within: .seconds(60))
    }

    @Test(arguments: timeouts)
    func exportTimeoutVariableAppliesToMetrics(value: String?, expected: ClosedRange<Duration>) async throws {
        let probe = MetricProbe()
        let telemetry = try Self.start(value.map { ["OTEL_METRIC_EXPORT_TIMEOUT": $0] } ?? [:], metrics: [.periodic(probe)])
        telemetry.meter("tests").counter("jobs").add(1)
        #expect(await telemetry.forceFlush(within: .seconds(2_000_000_000)) == .completed)
        #expect(probe.state.remaining.count == 1 && expected.contains(probe.state.remaining[0]))
        await telemetry.shutdown(within: .seconds(60))
    }

    @Test func exportTimeoutCancelsExportAndDropsItems() async throws {
        let (spans, logs, metrics) = (PatienceProbe(isSuspending: true), PatienceProbe(isSuspending: true), MetricProbe(.suspending))
        let telemetry = try Self.start(
            ["OTEL_BSP_EXPORT_TIMEOUT": "20", "OTEL_BLRP_EXPORT_TIMEOUT": "20", "OTEL_METRIC_EXPORT_TIMEOUT": "20"],
            spans: [.batch(spans)], metrics: [.periodic(metrics)], logs: [.batch(logs)])
        telemetry.tracer("tests").startSpan("x", parent: .root).end()
        telemetry.logger("tests").info("x")
        telemetry.meter("tests").counter("jobs").add(1)
        #expect(await telemetry.forceFlush(within: .seconds(60)) == .failed)
        #expect(spans.cancellations == 1 && logs.cancellations == 1 && metrics.state.cancellations == 1)
        #expect((spans.remaining + logs.remaining + metrics.state.remaining).allSatisfy { $0 <= .milliseconds(20) })
        #expect(telemetry.health.pipelines.allSatisfy { $0.dropped == [.timedOut: 1] } && telemetry.health.pipelines.count == 3)
        metrics.behave(.succeeding)
        await telemetry.shutdown(within: .seconds(60))
    }

    // MARK: Queues

    @Test func queueSizeVariableAppliesToLogRecords() async throws {
        let gate = Semaphore()
        let probe = ProbeExporter(gate: gate)
        let telemetry = try Self.start(
            ["OTEL_BLRP_MAX_QUEUE_SIZE": "4", "OTEL_BLRP_SCHEDULE_DELAY": "3600000", "OTEL_BLRP_EXPORT_TIMEOUT": "0"],
            logs: [.batch(probe)])
        let logger = telemetry.logger("tests")
        // A full batch wakes the pipeline at once if one processor filled it.
        await onOneProcessor { for index in 0..<4 { logger.info("\(index)") } }
        #expect(await eventually { probe.state.running == 1 })
        // The first batch is with the exporter, which takes no other one: four more find room.
        for index in 4..<100 { logger.info("\(index)") }
        for _ in 0..<100 { gate.post() }
        await telemetry.shutdown(within: .seconds(60))
        #expect(probe.names == (0..<8).map { "\($0)" })
        #expect(telemetry.health.pipelines.map(\.dropped) == [[.queueFull: 92]])
    }

    @Test func queueSizeVariableAppliesToSpans() async throws {
        let gate = Semaphore()
        let probe = ProbeExporter(gate: gate)
        let telemetry = try Self.start(
            ["OTEL_BSP_MAX_QUEUE_SIZE": "4", "OTEL_BSP_SCHEDULE_DELAY": "3600000", "OTEL_BSP_EXPORT_TIMEOUT": "0"], spans: [.batch(probe)])
        let tracer = telemetry.tracer("tests")
        await onOneProcessor { for index in 0..<4 { tracer.startSpan("\(index)", parent: .root).end() } }
        #expect(await eventually { probe.state.running == 1 })
        for index in 4..<100 { tracer.startSpan("\(index)", parent: .root).end() }
        for _ in 0..<100 { gate.post() }
        await telemetry.shutdown(within: .seconds(60))
        #expect(probe.names.sorted() == (0..<8).map { "\($0)" })
        #expect(telemetry.health.pipelines.map(\.dropped) == [[.queueFull: 92]])
    }

    /// The variables for sizes, and the expected sizes of batches and queue.
    private static let sizes: [([String: String], batch: Int, queue: Int)] = [
        ([:], 512, 2048), (["MAX_QUEUE_SIZE": "0", "MAX_EXPORT_BATCH_SIZE": "0"], 512, 2048),
        (["MAX_QUEUE_SIZE": "600", "MAX_EXPORT_BATCH_SIZE": "601"], 512, 600), (["MAX_QUEUE_SIZE": "3"], 3, 3),
        (["MAX_QUEUE_SIZE": "1", "MAX_EXPORT_BATCH_SIZE": "1"], 1, 1), (["MAX_EXPORT_BATCH_SIZE": "2048"], 2048, 2048),
    ]

    private static func sizes(_ prefix: String, _ variables: [String: String]) -> [String: String] {
        Dictionary(uniqueKeysWithValues: variables.map { ("\(prefix)_\($0)", $1) }).merging([
            "\(prefix)_SCHEDULE_DELAY": "3600000", "\(prefix)_EXPORT_TIMEOUT": "0",
        ]) { own, _ in own }
    }

    @Test(arguments: sizes)
    func batchAndQueueSizesOfSpansFollowVariablesAndDefaults(variables: [String: String], batch: Int, queue: Int) async throws {
        let gate = Semaphore()
        let probe = ProbeExporter(gate: gate)
        let telemetry = try Self.start(Self.sizes("OTEL_BSP", variables), spans: [.batch(probe)])
        let tracer = telemetry.tracer("tests")
        for _ in 0..<batch { tracer.startSpan("x", parent: .root).end() }
        // A thread that moves between cores fills two lanes, which wake the worker for whole blocks of items only: the flush does in any case.
        async let flush = telemetry.forceFlush(within: .seconds(60))
        #expect(await eventually { probe.state.running == 1 })
        // As many as the queue holds, and one more.
        for _ in 0...queue { tracer.startSpan("x", parent: .root).end() }
        for _ in 0..<100 { gate.post() }
        _ = await flush
        await telemetry.shutdown(within: .seconds(60))
        #expect(probe.names.count == batch + queue && probe.state.batches.map(\.count).max() == batch)
        #expect(telemetry.health.pipelines.map(\.dropped) == [[.queueFull: 1]])
    }

    @Test(arguments: sizes)
    func batchAndQueueSizesOfLogRecordsFollowVariablesAndDefaults(
        variables: [String: String], batch: Int, queue: Int
    ) async throws {
        let gate = Semaphore()
        let probe = ProbeExporter(gate: gate)
        let telemetry = try Self.start(Self.sizes("OTEL_BLRP", variables), logs: [.batch(probe)])
        let logger = telemetry.logger("tests")
        for _ in 0..<batch { logger.info("x") }
        async let flush = telemetry.forceFlush(within: .seconds(60))
        #expect(await eventually { probe.state.running == 1 })
        for _ in 0...queue { logger.info("x") }
        for _ in 0..<100 { gate.post() }
        _ = await flush
        await telemetry.shutdown(within: .seconds(60))
        #expect(probe.names.count == batch + queue && probe.state.batches.map(\.count).max() == batch)
        #expect(telemetry.health.pipelines.map(\.dropped) == [[.queueFull: 1]])
    }

    // MARK: Collections

    @Test func exportIntervalVariableSetsTheCollectionInterval() async throws {
        let (clock, probe) = (ManualClock(), MetricProbe())
        let telemetry = try Self.start(
            ["OTEL_METRIC_EXPORT_INTERVAL": "700"], metrics: [PeriodicMetricReader(probe, clock: .manual(clock))])
        let counter = telemetry.meter("tests").counter("first")
        counter.add(1)
        clock.advance(by: .milliseconds(699))
        telemetry.meter("tests").counter("second").add(1)
        #expect(probe.state.batches.isEmpty)
        clock.advance(by: .milliseconds(1))
        #expect(await eventually { probe.state.batches == [["first": 1, "second": 1]] })
        // A flush in between moves nothing, and returns once the next collection is planned.
        #expect(await telemetry.forceFlush(within: .seconds(60)) == .completed)
        clock.advance(by: .milliseconds(699))
        #expect(probe.state.batches.count == 2)
        clock.advance(by: .milliseconds(1))
        #expect(await eventually { probe.state.batches.count == 3 })
        await telemetry.shutdown(within: .seconds(60))
    }

    @Test func defaultCollectionIntervalIsOneMinute() async throws {
        let (clock, probe) = (ManualClock(), MetricProbe())
        let telemetry = try Self.start([:], metrics: [PeriodicMetricReader(probe, clock: .manual(clock))])
        telemetry.meter("tests").counter("first").add(1)
        clock.advance(by: .milliseconds(59_999))
        telemetry.meter("tests").counter("second").add(1)
        #expect(probe.state.batches.isEmpty)
        clock.advance(by: .milliseconds(1))
        #expect(await eventually { probe.state.batches == [["first": 1, "second": 1]] })
        await telemetry.shutdown(within: .seconds(60))
    }
}
