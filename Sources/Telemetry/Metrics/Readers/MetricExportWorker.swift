// Collects at each interval and at each request, exports, and answers flush and shutdown.

extension MetricExportPipeline {
    /// Starts the thread, which alone holds the collector and releases it when the reader ends.
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
}

/// The loop of a periodic reader's thread, which runs until shutdown.
struct MetricExportWorker {
    /// The longest wait for callbacks, even if the timeout of exports is longer.
    private static let longestCollection = Duration.seconds(30)

    private let pipeline: MetricExportPipeline
    private let collector: MetricCollector
    private var schedule: CollectionSchedule
    /// Requests that wait for the end of the pause that the receiver has requested.
    private var waiting: [FlushRequest] = []
    /// The end of the pause that the receiver has requested.
    private var pausedUntil = Deadline(nanoseconds: 0)

    init(_ pipeline: MetricExportPipeline, _ collector: MetricCollector, _ schedule: CollectionSchedule) {
        self.pipeline = pipeline
        self.collector = collector
        self.schedule = schedule
    }

    mutating func run() {
        while true {
            waitForWork()
            // Requests are taken first, so that the collection has everything that was recorded before them.
            waiting += pipeline.requests.takeNew()
            let isDue = schedule.isDue(at: pipeline.clock.monotonicNanoseconds())
            let isPaused = isPaused
            let requests = waiting.filter { !isPaused || $0.deadline.hasPassed || ($0.isShutdown && $0.deadline <= pausedUntil) }
            waiting.removeAll { request in requests.contains { $0 === request } }
            // One collection serves all requests so far. A flush after its deadline only asks the exporter; points that a shutdown finds
            // after its deadline are collected to be counted as dropped.
            let mustCollect = (isDue && !isPaused) || requests.contains { $0.isShutdown || !$0.deadline.hasPassed }
            if mustCollect { deliverOneCollection() }
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
        // A manual clock raises the signal whenever it is advanced.
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

    /// Collects once, and exports the points in batches of the configured size.
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
        pipeline.fetched.report(batch)
        for piece in MetricBatchSplitter(batch, atMost: pipeline.settings.maxExportBatchSize) {
            // Read before each export, since a shutdown may have begun during the last one. The points left are counted when it ends.
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
        pipeline.runner.run(until: deadline, reportOverrun: pipeline.accounting.noteOverrun) { [destination = pipeline.destination] in
            await destination.export(piece, deadline: deadline)
        }
    }
}

/// The times of collections, which are equally far apart; times that pass during an export are skipped.
struct CollectionSchedule: Sendable {
    private let interval: UInt64
    /// The time of the next collection on the monotonic clock; `UInt64.max` never comes.
    private(set) var due: UInt64

    /// Creates a schedule whose first collection is one interval after `now`.
    init(every interval: Duration, from now: UInt64) {
        // A lower bound, since an interval of zero would keep a processor busy.
        self.interval = UInt64(max(1_000_000, interval.saturatedNanoseconds))
        due = Self.sum(now, self.interval)
    }

    func isDue(at now: UInt64) -> Bool { now >= due }

    /// Advances to the first time in the future; returns how many were skipped.
    mutating func advance(at now: UInt64) -> UInt64 {
        guard isDue(at: now) else { return 0 }
        let missed = (now - due) / interval
        // This cannot overflow: it is at most the time that has passed.
        due = Self.sum(due + missed * interval, interval)
        return missed
    }

    private static func sum(_ time: UInt64, _ interval: UInt64) -> UInt64 {
        let (sum, overflow) = time.addingReportingOverflow(interval)
        return overflow ? .max : sum
    }
}
