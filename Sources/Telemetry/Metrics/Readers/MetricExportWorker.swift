// The thread of a periodic reader: collects when it is time or when it is asked, exports, answers flush and shutdown.

/// What the thread of a periodic reader shares with those who ask it to flush, to end, or how it is doing.
final class MetricExportPipeline: Sendable {
    /// How a reader collects and exports, once code, environment and defaults have had their say.
    struct Settings: Sendable, Hashable {
        /// Between the starts of two collections.
        var interval: Duration
        /// The longest that one export may take.
        var timeout: Duration
        /// Points in one export; nil for all that a collection has found.
        var maxExportBatchSize: Int?
    }

    /// What the reader is, as the semantic conventions name such components, and its name, which is that with a number.
    static let kind = "periodic_metric_reader"
    let name: String
    let settings: Settings
    let clock: TelemetryClock
    let destination: MetricDestination
    let requests: FlushRequests
    let accounting: ExportAccounting
    fileprivate let wake = WakeSignal()
    fileprivate let runner: ExportRunner
    /// Points that were collected, and whether a shutdown has ended.
    private let collected = Locked<(count: UInt64, isSettled: Bool)>((0, false))

    init(_ exporter: any MetricExporter, settings: Settings, clock: TelemetryClock) {
        let destination = MetricDestination(exporter: exporter)
        let runner = ExportRunner(wake: wake)
        name = ComponentNames.next(Self.kind)
        self.settings = settings
        self.clock = clock
        self.destination = destination
        self.runner = runner
        requests = FlushRequests(to: destination, wake: wake, runner: runner)
        accounting = ExportAccounting(name: name, destination: destination.name, clock: clock)
    }

    /// Starts the thread, which alone holds the collector: it is given back when the reader ends.
    func start(_ collector: MetricCollector) {
        clock.manual?.observe { [wake] in wake.raise() }
        let schedule = CollectionSchedule(every: settings.interval, from: clock.monotonicNanoseconds())
        let isStarted = WorkerThread.start(named: name) {
            var worker = MetricExportWorker(self, collector, schedule)
            worker.run()
        }
        if !isStarted {
            Diagnostics.report(.error, "The system gives no thread for \(name): no metrics will be exported by it.")
            requests.close()
        }
    }

    /// What became of the points so far.
    var health: PipelineHealth {
        if requests.isOfParent { return PipelineHealth(name: name, destination: destination.name, queueCapacity: 0) }
        // What is done with is read before what has come in: so there is never more of it.
        var health = PipelineHealth(name: name, destination: destination, accounting: accounting, queueCapacity: 0)
        health.accepted = collected.withLock { $0.count }
        return health
    }

    /// Begins a flush or the shutdown, without waiting for it.
    func request(isShutdown: Bool, _ deadline: Deadline) -> FlushRequest {
        requests.request(isShutdown: isShutdown, deadline) { [self] in settle() }
    }

    /// Counts points that were collected; false if a shutdown has ended, and they are given up.
    fileprivate func accept(_ count: Int) -> Bool {
        let isOpen = collected.withLock { collected in
            collected.count &+= UInt64(count)
            return !collected.isSettled
        }
        if !isOpen { settle() }
        return isOpen
    }

    /// Counts what is still on its way as given up: nothing waits when a shutdown returns.
    private func settle() {
        let accepted = collected.withLock { collected in
            collected.isSettled = true
            return collected.count
        }
        accounting.settle(accepted: accepted, cause: destination.status.retryCause)
    }
}

/// The loop that the thread of a periodic reader runs until shutdown.
private struct MetricExportWorker {
    /// The longest that callbacks are waited for, even where an export may take for ever.
    private static let longestCollection = Duration.seconds(30)

    private let pipeline: MetricExportPipeline
    private let collector: MetricCollector
    private var schedule: CollectionSchedule
    /// Requests that wait until the receiver can be sent something again.
    private var waiting: [FlushRequest] = []
    /// Until when the receiver has asked to be left alone.
    private var pausedUntil = Deadline(nanoseconds: 0)

    init(_ pipeline: MetricExportPipeline, _ collector: MetricCollector, _ schedule: CollectionSchedule) {
        self.pipeline = pipeline
        self.collector = collector
        self.schedule = schedule
    }

    mutating func run() {
        while true {
            waitForWork()
            // Requests first: what is collected after that has all that was recorded before them.
            waiting += pipeline.requests.takeNew()
            let isDue = schedule.isDue(at: pipeline.clock.monotonicNanoseconds())
            let isPaused = isPaused
            let requests = waiting.filter { !isPaused || $0.deadline.hasPassed || ($0.isShutdown && $0.deadline <= pausedUntil) }
            waiting.removeAll { request in requests.contains { $0 === request } }
            // One collection serves all requests that have come meanwhile. A flush whose time is over asks the exporter only; what
            // a shutdown finds too late is collected to be counted.
            let isWanted = (isDue && !isPaused) || requests.contains { $0.isShutdown || !$0.deadline.hasPassed }
            if isWanted { deliverOneCollection() }
            if isDue { scheduleNext() }
            for request in requests { pipeline.requests.answer(request, isDelivered: true) }
            if requests.contains(where: \.isShutdown) {
                for request in waiting { request.complete(.failed) }
                return
            }
        }
    }

    private var isPaused: Bool { pipeline.clock.monotonicNanoseconds() < pausedUntil.nanoseconds }

    private func waitForWork() {
        pipeline.runner.runPendingJobs()
        let answer = waiting.map(\.deadline).min() ?? .never
        // A manual clock raises the signal whenever it is moved.
        let work = waiting.isEmpty ? Deadline(nanoseconds: schedule.due) : min(Deadline(nanoseconds: schedule.due), pausedUntil)
        _ = pipeline.wake.wait(until: pipeline.clock.manual == nil ? min(answer, work) : answer)
    }

    private mutating func scheduleNext() {
        let missed = schedule.advance(at: pipeline.clock.monotonicNanoseconds())
        guard missed > 0 else { return }
        Diagnostics.report(
            .warning, topic: "\(pipeline.name).missed",
            "\(pipeline.name): collecting metrics and delivering them to \(pipeline.destination.name) took longer than the interval of"
                + " \(pipeline.settings.interval), and \(quantity(missed, "collection")) left out: look after the receiver, or make the interval longer."
        )
    }

    /// Collects, and exports what there is piece by piece.
    private mutating func deliverOneCollection() {
        let timeout = min(pipeline.settings.timeout, Self.longestCollection)
        let batch: MetricBatch
        do throws(MetricCollectionError) {
            batch = try collector.collect(deadline: min(.after(timeout), pipeline.requests.shutdownDeadline ?? .never))
        } catch {
            pipeline.accounting.note("collect", "nothing was collected: \(error)")
            return pipeline.requests.noteLoss(at: 0)
        }
        guard pipeline.accept(batch.pointCount) else { return }
        for piece in MetricPieces(batch, atMost: pipeline.settings.maxExportBatchSize) {
            // Asked each time: the shutdown may have come during the export before. What is left then is counted when it ends.
            let limit = pipeline.requests.shutdownDeadline ?? .never
            guard !limit.hasPassed, !(isPaused && limit <= pausedUntil) else { return pipeline.requests.noteLoss(at: 0) }
            let own = Deadline.after(pipeline.settings.timeout)
            let outcome = pipeline.accounting.deliver(
                piece.pointCount, isCutOff: { [pipeline] in limit <= own || pipeline.requests.shutdownDeadline?.hasPassed ?? false },
                { export(piece, deadline: min(own, limit)) })
            if outcome.hasLost { pipeline.requests.noteLoss(at: 0) }
            if let duration = outcome.requestedPause {
                pausedUntil = Deadline(nanoseconds: pipeline.clock.monotonicNanoseconds()).advanced(by: duration)
            }
        }
    }

    private func export(_ piece: MetricBatch, deadline: Deadline) -> BatchOutcome {
        let reportOverrun = {
            pipeline.accounting.note(
                "overrun",
                "an export goes on although its time is over and it was cancelled, and no other can begin before it ends: an exporter has to"
                    + " keep its deadline, or end when its task is cancelled")
        }
        return pipeline.runner.run(until: deadline, reportOverrun: reportOverrun) { [destination = pipeline.destination] in
            await destination.export(piece, deadline: deadline)
        }
    }
}

/// Hands the batches of a reader to its exporter.
struct MetricDestination: ExportDestination {
    let exporter: any MetricExporter

    private var reporting: (any ReportingMetricExporter)? { exporter as? any ReportingMetricExporter }
    var name: String { reporting?.destinationName ?? String(describing: type(of: exporter)) }
    var status: DestinationStatus { reporting?.status ?? DestinationStatus() }
    var component: ExportComponent { reporting?.component ?? ExportComponent(type: String(describing: type(of: exporter))) }

    func interruptInFlightExports() { reporting?.interruptInFlightExports() }

    func export(_ batch: MetricBatch, deadline: Deadline) async -> BatchOutcome {
        if let keeping = exporter as? any KeepingMetricExporter { return await keeping.deliver(batch, deadline: deadline) }
        do throws(ExportFailure) {
            try await exporter.export(batch, deadline: deadline)
            return .delivered
        } catch {
            return .failed(error)
        }
    }

    func forceFlush(deadline: Deadline) async -> FlushResult { await exporter.forceFlush(deadline: deadline) }

    func shutdown(deadline: Deadline) async -> FlushResult { await exporter.shutdown(deadline: deadline) }
}
