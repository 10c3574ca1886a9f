// Schedule, exports and settings of periodic readers.

import Testing

@testable import Telemetry

struct PeriodicMetricReaderTests {
    private static let far = Deadline.after(.seconds(300))
    private static let hour = Duration.seconds(3600)

    /// A running reader with a manual clock.
    private struct Running {
        let clock = ManualClock()
        let source: MetricSource
        let probe: MetricProbe
        let reader: PeriodicMetricReader

        init(
            _ probe: MetricProbe = MetricProbe(), every interval: Duration = .seconds(60), maxExportBatchSize: Int? = nil,
            pointCount: Int = 1
        ) {
            self.probe = probe
            source = MetricSource(pointCount: pointCount)
            reader = PeriodicMetricReader(
                probe, every: interval, maxExportBatchSize: maxExportBatchSize, clock: .manual(clock))
            reader.register(source.collector())
        }

        func stop() async { #expect(await reader.shutdown(deadline: PeriodicMetricReaderTests.far) == .completed) }
    }

    // MARK: Schedule

    @Test func collectionsStartOneIntervalApart() async {
        let running = Running()
        running.clock.advance(by: .seconds(59))
        #expect(running.source.collections == 0)
        running.clock.advance(by: .seconds(1))
        #expect(await eventually { running.probe.state.batches.count == 1 })
        // Flushes do not move the schedule.
        running.clock.advance(by: .seconds(30))
        #expect(await running.reader.forceFlush(deadline: Self.far) == .completed)
        running.clock.advance(by: .seconds(30))
        #expect(await eventually { running.probe.state.batches.count == 3 })
        await running.stop()
        #expect(running.source.collections == 4)
    }

    @Test func collectionsMissedDuringLongExportAreSkipped() async {
        let gate = Semaphore()
        let running = Running(MetricProbe(.blocking(gate)))
        running.clock.advance(by: .seconds(60))
        #expect(await eventually { running.probe.state.running == 1 })
        // Collections due at 120, 180 and 240 seconds are missed.
        running.clock.advance(by: .seconds(190))
        gate.post()
        #expect(await eventually { running.probe.state.running == 0 })
        running.probe.behave(.succeeding)
        #expect(await running.reader.forceFlush(deadline: Self.far) == .completed)
        #expect(running.source.collections == 2)
        running.clock.advance(by: .seconds(50))
        #expect(await eventually { running.probe.state.batches.count == 3 })
        await running.stop()
        #expect(running.source.collections == 4)
    }

    @Test func unreachableReceiverDoesNotQueueCollections() async {
        let gate = Semaphore()
        let running = Running(MetricProbe(.blocking(gate)))
        for _ in 0..<1000 { running.clock.advance(by: .seconds(60)) }
        #expect(await eventually { running.probe.state.running == 1 })
        for _ in 0..<1000 { running.clock.advance(by: .seconds(60)) }
        #expect(running.source.collections == 1)
        gate.post()
        running.probe.behave(.succeeding)
        await running.stop()
        #expect(running.source.collections <= 3)
    }

    @Test func threadRunsFromRegistrationToShutdown() async {
        let clock = ManualClock()
        let (source, probe) = (MetricSource(), MetricProbe())
        let reader = PeriodicMetricReader(probe, every: .seconds(1), clock: .manual(clock))
        clock.advance(by: .seconds(100))
        reader.register(source.collector())
        clock.advance(by: .milliseconds(999))
        #expect(source.collections == 0)
        clock.advance(by: .milliseconds(1))
        #expect(await eventually { source.collections == 1 })
        #expect(await reader.shutdown(deadline: Self.far) == .completed)
        clock.advance(by: .seconds(100))
        #expect(await reader.forceFlush(deadline: Self.far) == .completed)
        #expect(source.collections == 2)
    }

    @Test func readerWithSystemClockCollectsAtIntervals() async {
        let (source, probe) = (MetricSource(), MetricProbe())
        let reader = PeriodicMetricReader(probe, every: .milliseconds(1))
        reader.register(source.collector())
        #expect(await eventually { probe.state.batches.count >= 3 })
        #expect(await reader.shutdown(deadline: Self.far) == .completed)
    }

    @Test func collectionHasDeadlineEvenWithoutExportTimeout() async {
        let source = MetricSource()
        let reader = PeriodicMetricReader(MetricProbe(), every: Self.hour, timeout: .zero)
        reader.register(source.collector())
        #expect(await reader.shutdown(deadline: Self.far) == .completed)
        #expect(source.remaining.allSatisfy { $0 <= .seconds(30) })
    }

    // MARK: Exports

    @Test func collectionIsExportedAsOneBatch() async {
        let running = Running(pointCount: 5000)
        #expect(await running.reader.forceFlush(deadline: Self.far) == .completed)
        #expect(running.probe.state.batches == [["1": 5000]])
        await running.stop()
    }

    @Test func exportsKeepMaxBatchSizeAndDoNotMixCollections() async {
        let running = Running(maxExportBatchSize: 3, pointCount: 7)
        #expect(await running.reader.forceFlush(deadline: Self.far) == .completed)
        #expect(await running.reader.forceFlush(deadline: Self.far) == .completed)
        #expect(running.probe.state.batches == [["1": 3], ["1": 3], ["1": 1], ["2": 3], ["2": 3], ["2": 1]])
        await running.stop()
        #expect(running.reader.health?.exported == 21)
        #expect(running.probe.state.mostRunning == 1)
    }

    @Test func emptyCollectionIsNotExported() async {
        let running = Running(pointCount: 0)
        running.clock.advance(by: .seconds(60))
        #expect(await running.reader.forceFlush(deadline: Self.far) == .completed)
        await running.stop()
        #expect(running.probe.state.batches.isEmpty)
        #expect(running.probe.state.flushes >= 1 && running.probe.state.shutdowns == 1)
    }

    @Test func exportRunsWithInstrumentationSuppressed() async {
        let running = Running()
        #expect(await running.reader.forceFlush(deadline: Self.far) == .completed)
        await running.stop()
        #expect(running.probe.state.wereAllSuppressed && running.probe.state.batches.count == 2)
    }

    @Test func flushCollectsExportsAndFlushesTheExporter() async {
        let running = Running()
        #expect(await running.reader.forceFlush(deadline: Self.far) == .completed)
        #expect(running.probe.state.batches == [["1": 1]] && running.probe.state.flushes == 1)
        await running.stop()
    }

    @Test(arguments: [FlushResult.completed, .failed, .timedOut])
    func flushReturnsResultOfExporterFlush(result: FlushResult) async {
        let running = Running(MetricProbe(flushResult: result))
        #expect(await running.reader.forceFlush(deadline: Self.far) == result)
        #expect(await running.reader.shutdown(deadline: Self.far) == result)
    }

    @Test func exportsDoNotOverlapDuringConcurrentFlushes() async {
        let running = Running(every: .milliseconds(1), pointCount: 2)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<25 {
                        running.clock.advance(by: .milliseconds(1))
                        #expect(await running.reader.forceFlush(deadline: Self.far) == .completed)
                    }
                }
            }
        }
        await running.stop()
        let state = running.probe.state
        #expect(state.mostRunning == 1)
        // Exports run one after another, each once.
        #expect(state.batches == (1...running.source.collections).map { ["\($0)": 2] })
        #expect(running.reader.health?.exported == UInt64(2 * running.source.collections))
    }

    @Test func readersDoNotWaitForEachOther() async {
        let gate = Semaphore()
        let (slow, quick) = (Running(MetricProbe(.blocking(gate))), Running())
        slow.clock.advance(by: .seconds(60))
        #expect(await eventually { slow.probe.state.running == 1 })
        #expect(await quick.reader.forceFlush(deadline: Self.far) == .completed)
        await quick.stop()
        #expect(quick.probe.state.batches.count == 2 && slow.probe.state.running == 1)
        slow.probe.behave(.succeeding)
        gate.post()
        await slow.stop()
    }

    // MARK: Settings

    @Test func readerOptionsComeFromExporter() {
        let probe = MetricProbe(temporality: .delta, aggregations: [.histogram: .exponentialHistogram(maxSize: 20)])
        let options = PeriodicMetricReader(probe, cardinalityLimits: [.gauge: 5]).options
        #expect(options.temporality == .delta)
        #expect(options.aggregations == [.histogram: .exponentialHistogram(maxSize: 20)])
        #expect(options.cardinalityLimits == [.gauge: 5])
        #expect(options.producers.isEmpty && options.filter == nil)
    }

    @Test(arguments: [
        ([:], 60_000, 30_000),
        (["OTEL_METRIC_EXPORT_INTERVAL": "1500", "OTEL_METRIC_EXPORT_TIMEOUT": "700"], 1500, 700),
        (["OTEL_METRIC_EXPORT_INTERVAL": "", "OTEL_METRIC_EXPORT_TIMEOUT": ""], 60_000, 30_000),
        (["OTEL_METRIC_EXPORT_INTERVAL": "0", "OTEL_METRIC_EXPORT_TIMEOUT": "-1"], 60_000, 30_000),
        (["OTEL_METRIC_EXPORT_INTERVAL": "soon", "OTEL_METRIC_EXPORT_TIMEOUT": "1.5"], 60_000, 30_000),
        (["OTEL_METRIC_EXPORT_TIMEOUT": "0"], 60_000, 1_000_000_000_000),
    ])
    func environmentSetsWhatCodeLeavesOpen(variables: [String: String], interval: Int, timeout: Int) {
        let settings = PeriodicMetricReader(MetricProbe()).settings(EnvironmentReader(variables))
        #expect(settings.interval == .milliseconds(interval))
        #expect(settings.timeout == .milliseconds(timeout))
        #expect(settings.maxExportBatchSize == nil)
    }

    @Test func codeOverridesEnvironment() {
        let reader = PeriodicMetricReader(MetricProbe(), every: .seconds(5), timeout: .seconds(2), maxExportBatchSize: 9)
        let settings = reader.settings(
            EnvironmentReader(["OTEL_METRIC_EXPORT_INTERVAL": "1", "OTEL_METRIC_EXPORT_TIMEOUT": "1"]))
        #expect(settings.interval == .seconds(5) && settings.timeout == .seconds(2) && settings.maxExportBatchSize == 9)
        #expect(PeriodicMetricReader(MetricProbe(), timeout: .zero).settings(EnvironmentReader([:])).timeout > .seconds(86400 * 365))
    }

    @Test func exporterSetsDefaultInterval() {
        let reader = PeriodicMetricReader(MetricProbe(defaultInterval: .seconds(10)))
        #expect(reader.settings(EnvironmentReader([:])).interval == .seconds(10))
        #expect(reader.settings(EnvironmentReader(["OTEL_METRIC_EXPORT_INTERVAL": "2000"])).interval == .seconds(2))
    }

    @Test func environmentOfStartApplies() async throws {
        let clock = ManualClock()
        let source = MetricSource()
        let reader = PeriodicMetricReader(MetricProbe(), clock: .manual(clock))
        try reader.configure(EnvironmentReader(["OTEL_METRIC_EXPORT_INTERVAL": "250", "OTEL_METRIC_EXPORT_TIMEOUT": "100"]))
        reader.register(source.collector())
        clock.advance(by: .milliseconds(250))
        #expect(await eventually { source.collections == 1 })
        #expect(source.remaining[0] <= .milliseconds(100))
        #expect(await reader.shutdown(deadline: Self.far) == .completed)
    }

    @Test(arguments: [
        (PeriodicMetricReader(MetricProbe(), every: .zero), "every"),
        (PeriodicMetricReader(MetricProbe(), timeout: .seconds(-1)), "timeout"),
        (PeriodicMetricReader(MetricProbe(), maxExportBatchSize: 0), "maxExportBatchSize"),
    ])
    func invalidSettingInCodeIsError(reader: PeriodicMetricReader, setting: String) {
        let error = #expect(throws: ConfigurationError.self) { try reader.configure(EnvironmentReader([:])) }
        #expect(error?.setting == setting)
    }

    /// An exporter that is configured, rejects one variable, and reports its status.
    private struct TellingExporter: MetricExporter, EnvironmentConfigurable, ReportingExporter {
        let destinationName = "http://receiver:4318/v1/metrics"
        let status = ExporterStatus(retries: 3, delivered: 5, dropped: [.spoolFull: 1], waiting: 2)
        let isBuffering = true

        func configure(_ environment: EnvironmentReader) throws(ConfigurationError) {
            if let value = environment.text("REFUSED") { throw ConfigurationError(setting: "REFUSED", value: value, expected: "nothing") }
        }

        func export(_ batch: borrowing MetricBatch, deadline: Deadline) async throws(ExportFailure) {}
    }

    @Test func exporterIsConfiguredWithReader() throws {
        try PeriodicMetricReader(TellingExporter()).configure(EnvironmentReader([:]))
        let error = #expect(throws: ConfigurationError.self) {
            try PeriodicMetricReader(TellingExporter()).configure(EnvironmentReader(["REFUSED": "1"]))
        }
        #expect(error?.setting == "REFUSED")
    }

    @Test func healthIncludesStatusOfExporter() async throws {
        let reader = PeriodicMetricReader(TellingExporter(), every: Self.hour)
        #expect(reader.health == nil)
        reader.register(MetricSource(pointCount: 8).collector())
        #expect(await reader.shutdown(deadline: Self.far) == .completed)
        let health = try #require(reader.health)
        #expect(health.name.hasPrefix("periodic_metric_reader/"))
        #expect(health.destination == "http://receiver:4318/v1/metrics")
        #expect(health.accepted == 8 && health.exported == 5 && health.dropped == [.spoolFull: 1] && health.spooled == 2)
        #expect(health.retries == 3 && health.waiting == 2)
    }

    @Test func readerIsAvailableByStaticMember() {
        let readers: [any MetricReader] = [.periodic(MetricProbe(temporality: .delta), every: .seconds(3), maxExportBatchSize: 4)]
        #expect(readers[0].options.temporality == .delta)
    }
}
