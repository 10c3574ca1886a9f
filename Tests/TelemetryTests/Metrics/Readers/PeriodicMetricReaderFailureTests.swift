// Failures, deadlines and shutdown of periodic readers.

import Testing

@testable import Telemetry

struct PeriodicMetricReaderFailureTests {
    private static let far = Deadline.after(.seconds(300))
    private static let hour = Duration.seconds(3600)

    /// A reader that collects on request only.
    private static func reader(
        _ probe: MetricProbe, _ source: MetricSource, timeout: Duration? = nil, maxExportBatchSize: Int? = nil
    ) -> PeriodicMetricReader {
        let reader = PeriodicMetricReader(probe, every: hour, timeout: timeout, maxExportBatchSize: maxExportBatchSize)
        reader.register(source.collector())
        return reader
    }

    // MARK: Failures

    /// The expected counts after a failed export of five points.
    struct Loss: Sendable {
        let failure: ExportFailure
        let reason: DropReason
        let count: UInt64

        init(_ failure: ExportFailure, _ reason: DropReason, _ count: UInt64) {
            self.failure = failure
            self.reason = reason
            self.count = count
        }
    }

    @Test(arguments: [
        Loss(.rejected(reason: "no"), .rejected, 5), Loss(.retryable(after: nil), .unreachable, 5), Loss(.timedOut(), .timedOut, 5),
        Loss(.shutDown, .alreadyShutDown, 5), Loss(.partiallyRejected(count: 2, reason: "two"), .rejected, 2),
    ])
    func undeliveredPointsAreCountedAndReaderContinues(loss: Loss) async throws {
        let probe = MetricProbe(.failing(loss.failure))
        let reader = Self.reader(probe, MetricSource(pointCount: 5))
        #expect(await reader.forceFlush(deadline: Self.far) == .failed)
        let health = try #require(reader.health)
        #expect(
            health.accepted == 5 && health.exported == 5 - loss.count && health.waiting == 0)
        #expect(health.dropped == [loss.reason: loss.count])
        #expect(health.lastFailure?.message == loss.failure.description)
        probe.behave(.succeeding)
        // The reader does not retry: the exporter does.
        #expect(await reader.forceFlush(deadline: Self.far) == .completed)
        #expect(await reader.shutdown(deadline: Self.far) == .completed)
        #expect(probe.state.batches == [["1": 5], ["2": 5], ["3": 5]])
        #expect(reader.health?.exported == 15 - loss.count)
    }

    @Test func failedBatchDoesNotStopFollowingOnes() async {
        let probe = MetricProbe(.failing(.rejected(reason: "no")))
        let reader = Self.reader(probe, MetricSource(pointCount: 5), maxExportBatchSize: 2)
        #expect(await reader.shutdown(deadline: Self.far) == .failed)
        #expect(probe.sizes == [2, 2, 1] && probe.state.shutdowns == 1)
        #expect(reader.health?.dropped == [.rejected: 5])
    }

    @Test func batchStoredByExporterIsNotLost() async {
        let reader = PeriodicMetricReader(UnhurriedExporter(isHurried: true), every: Self.hour)
        reader.register(MetricSource(pointCount: 5).collector())
        #expect(await reader.forceFlush(deadline: Self.far) == .completed)
        #expect(reader.health?.droppedCount == 0 && reader.health?.waiting == 5)
        #expect(await reader.shutdown(deadline: Self.far) == .completed)
    }

    @Test(arguments: [MetricCollectionError.shutDown, .notRegistered])
    func failedCollectionIsReportedAndNextRuns(error: MetricCollectionError) async {
        let (probe, source) = (MetricProbe(), MetricSource())
        let reader = Self.reader(probe, source)
        source.fail(error)
        #expect(await reader.forceFlush(deadline: Self.far) == .failed)
        #expect(probe.state.batches.isEmpty && probe.state.flushes == 1)
        #expect(reader.health?.lastFailure?.message == "nothing was collected: \(error)")
        source.fail(nil)
        #expect(await reader.forceFlush(deadline: Self.far) == .completed)
        #expect(await reader.shutdown(deadline: Self.far) == .completed)
        #expect(reader.health?.exported == 2)
    }

    @Test func exportIsCancelledAtDeadline() async {
        let probe = MetricProbe(.suspending)
        let reader = Self.reader(probe, MetricSource(pointCount: 3), timeout: .milliseconds(10))
        #expect(await reader.forceFlush(deadline: Self.far) == .failed)
        #expect(probe.state.cancellations == 1 && reader.health?.dropped == [.timedOut: 3])
        probe.behave(.succeeding)
        #expect(await reader.shutdown(deadline: Self.far) == .completed)
        #expect(probe.state.remaining.allSatisfy { $0 <= .milliseconds(10) })
    }

    @Test func exportThatIgnoresCancellationIsReported() async {
        let suspension = Suspension()
        let probe = MetricProbe(.holding(suspension))
        let reader = Self.reader(probe, MetricSource(), timeout: .milliseconds(10))
        async let result = reader.forceFlush(deadline: Self.far)
        #expect(await eventually { reader.health?.lastFailure?.message.contains("goes on although its time is over") == true })
        #expect(probe.state.running == 1)
        suspension.resume()
        #expect(await result == .completed)
        #expect(probe.state.cancellations == 1)
        #expect(await reader.shutdown(deadline: Self.far) == .completed)
        #expect(probe.state.batches.count == 2)
    }

    // MARK: Deadlines of flushes

    @Test func flushKeepsDeadlineWhenExporterHangs() async {
        let gate = Semaphore()
        let probe = MetricProbe(.blocking(gate))
        let reader = Self.reader(probe, MetricSource())
        #expect(await reader.forceFlush(deadline: .after(.milliseconds(20))) == .timedOut)
        probe.behave(.succeeding)
        gate.post()
        #expect(await reader.shutdown(deadline: Self.far) == .completed)
    }

    @Test func flushKeepsDeadlineWhenCollectionHangs() async {
        let gate = Semaphore()
        let (probe, source) = (MetricProbe(), MetricSource())
        source.block(gate)
        let reader = Self.reader(probe, source)
        #expect(await reader.forceFlush(deadline: .after(.milliseconds(20))) == .timedOut)
        source.block(nil)
        gate.post()
        #expect(await reader.shutdown(deadline: Self.far) == .completed)
    }

    @Test func exporterIsFlushedEvenAfterDeadline() async {
        let (probe, source) = (MetricProbe(), MetricSource())
        let reader = Self.reader(probe, source)
        #expect(await reader.forceFlush(deadline: .after(.seconds(-1))) == .timedOut)
        #expect(await eventually { probe.state.flushes == 1 })
        #expect(source.collections == 0)
        #expect(await reader.shutdown(deadline: Self.far) == .completed)
    }

    // MARK: Shutdown

    @Test func shutdownExportsAndEndsExporterOnce() async {
        let (probe, source) = (MetricProbe(), MetricSource(pointCount: 4))
        let reader = Self.reader(probe, source)
        #expect(await reader.shutdown(deadline: Self.far) == .completed)
        #expect(probe.state.batches == [["1": 4]] && probe.state.shutdowns == 1)
        #expect(await reader.shutdown(deadline: Self.far) == .completed)
        #expect(await reader.forceFlush(deadline: Self.far) == .completed)
        #expect(source.collections == 1 && probe.state.shutdowns == 1)
    }

    @Test func shutdownReleasesProvider() async {
        weak var source: MetricSource?
        let reader: PeriodicMetricReader
        do {
            let made = MetricSource()
            source = made
            reader = Self.reader(MetricProbe(), made)
        }
        #expect(source != nil)
        #expect(await reader.shutdown(deadline: Self.far) == .completed)
        while source != nil && !Self.far.hasPassed { await Task.yield() }
        #expect(source == nil)
    }

    @Test func lastExportHasDeadlineOfShutdown() async {
        let probe = MetricProbe(.suspending)
        let reader = Self.reader(probe, MetricSource(pointCount: 2), timeout: Self.hour)
        #expect(await reader.shutdown(deadline: .after(.milliseconds(20))) == .timedOut)
        #expect(await eventually { probe.state.shutdowns == 1 })
        #expect(reader.health?.droppedCount == 2 && reader.health?.waiting == 0)
    }

    @Test func shutdownCancelsHangingExportAndCountsLosses() async {
        let (probe, source) = (MetricProbe(.suspending), MetricSource(pointCount: 5))
        let reader = Self.reader(probe, source, timeout: Self.hour, maxExportBatchSize: 2)
        async let flush = reader.forceFlush(deadline: Self.far)
        #expect(await eventually { probe.state.running == 1 })
        #expect(await reader.shutdown(deadline: .after(.milliseconds(20))) == .timedOut)
        #expect(await flush == .failed)
        #expect(await eventually { probe.state.shutdowns == 1 })
        // One batch was handed over; the rest of its collection and the points of the shutdown came too late.
        #expect(probe.sizes == [2] && probe.state.cancellations == 1)
        #expect(reader.health?.dropped == [.shutdownDeadline: 10])
        #expect(reader.health?.accepted == 10 && reader.health?.waiting == 0)
    }

    /// An exporter whose exports last until they are interrupted.
    private final class UnhurriedExporter: MetricExporter, ReportingExporter {
        let isBuffering = true
        let isExporting = Counter()
        let endings = Counter()
        private let suspension = Suspension()

        init(isHurried: Bool = false) {
            if isHurried { interruptInFlightExports() }
        }

        func export(_ batch: borrowing MetricBatch, deadline: Deadline) async throws(ExportFailure) {
            isExporting.next()
            await suspension.wait()
        }

        func interruptInFlightExports() { suspension.resume() }

        func shutdown(deadline: Deadline) async -> FlushResult {
            endings.next()
            return .completed
        }
    }

    @Test func shutdownInterruptsInFlightExportAtHalfOfItsTime() async throws {
        let exporter = UnhurriedExporter()
        let reader = PeriodicMetricReader(exporter, every: Self.hour, timeout: .zero)
        reader.register(MetricSource().collector())
        async let flush = reader.forceFlush(deadline: Self.far)
        #expect(await eventually { exporter.isExporting.count == 1 })
        // The export has no deadline of its own: it ends before the shutdown's only because it is interrupted.
        let shutdown = try #require(reader.pipeline).request(
            isShutdown: true, .after(.patience), halfTime: .after(.milliseconds(20)))
        #expect(await [shutdown].waitWithoutBlocking() == .completed)
        #expect(await flush == .completed)
        #expect(exporter.endings.count == 1 && reader.health?.droppedCount == 0)
    }

    @Test func halfTimeOfShutdownIsHalfOfWhatIsLeft() async throws {
        let reader = Self.reader(MetricProbe(), MetricSource())
        let (earliest, deadline) = (Deadline.after(.patience / 2), Deadline.after(.patience))
        let shutdown = reader.request(isShutdown: true, deadline)
        let latest = Deadline.after(.patience / 2)
        #expect(earliest <= shutdown.halfTime && shutdown.halfTime <= latest)
        #expect(await [shutdown].waitWithoutBlocking() == .completed)
    }

    @Test func shutdownKeepsDeadlineWhenExporterIgnoresCancellation() async {
        let gate = Semaphore()
        let probe = MetricProbe(.blocking(gate))
        let reader = Self.reader(probe, MetricSource())
        async let flush = reader.forceFlush(deadline: Self.far)
        #expect(await eventually { probe.state.running == 1 })
        #expect(await reader.shutdown(deadline: .after(.milliseconds(20))) == .timedOut)
        #expect(probe.state.shutdowns == 0)
        // When the exporter returns, waiting requests are answered and the exporter is shut down.
        gate.post()
        #expect(await flush == .completed)
        #expect(await eventually { probe.state.shutdowns == 1 })
    }

    @Test func shutdownKeepsDeadlineWhenCollectionHangs() async {
        let gate = Semaphore()
        let (probe, source) = (MetricProbe(), MetricSource(pointCount: 3))
        source.block(gate)
        let reader = Self.reader(probe, source)
        #expect(await reader.shutdown(deadline: .after(.milliseconds(20))) == .timedOut)
        gate.post()
        #expect(await eventually { probe.state.shutdowns == 1 })
        // Points that are collected too late are counted.
        #expect(probe.state.batches.isEmpty && reader.health?.dropped == [.shutdownDeadline: 3])
    }

    @Test func concurrentFlushesAndShutdownsEndAndCountEveryPoint() async {
        for round in 0..<20 {
            let (probe, source) = (MetricProbe(), MetricSource(pointCount: 3))
            let reader = Self.reader(probe, source, maxExportBatchSize: 2)
            await withTaskGroup(of: Void.self) { group in
                for task in 0..<8 {
                    group.addTask {
                        for index in 0..<10 {
                            let isShutdown = task == round % 8 && index == 5
                            let result =
                                isShutdown ? await reader.shutdown(deadline: Self.far) : await reader.forceFlush(deadline: Self.far)
                            #expect(result == .completed)
                        }
                    }
                }
            }
            #expect(probe.state.shutdowns == 1 && probe.state.mostRunning == 1)
            #expect(reader.health?.exported == UInt64(3 * source.collections) && reader.health?.waiting == 0)
        }
    }

    // MARK: Registration

    @Test func secondProviderIsRefused() async {
        let (first, second) = (MetricSource(), MetricSource())
        let reader = Self.reader(MetricProbe(), first)
        reader.register(second.collector())
        #expect(await reader.forceFlush(deadline: Self.far) == .completed)
        #expect(await reader.shutdown(deadline: Self.far) == .completed)
        reader.register(second.collector())
        #expect(first.collections == 2 && second.collections == 0)
    }

    @Test func unregisteredReaderEndsExporterOnce() async {
        let (probe, source) = (MetricProbe(), MetricSource())
        let reader = PeriodicMetricReader(probe, every: Self.hour)
        #expect(await reader.forceFlush(deadline: Self.far) == .completed)
        #expect(await reader.shutdown(deadline: Self.far) == .completed)
        #expect(await reader.shutdown(deadline: Self.far) == .completed)
        #expect(probe.state.flushes == 1 && probe.state.shutdowns == 1)
        // No provider can register the reader now.
        reader.register(source.collector())
        #expect(await reader.forceFlush(deadline: Self.far) == .completed)
        #expect(source.collections == 0 && probe.state.batches.isEmpty && reader.health == nil)
    }
}
