// The thread of an export pipeline: collects batches, exports one at a time, answers flush and shutdown.

import Synchronization

/// The loop that a pipeline's thread runs until shutdown.
struct ExportWorker {
    private let pipeline: ExportPipeline
    private let runner: ExportRunner
    private var pending = PendingItems()
    /// Items counted since the start: drained from the queue, and done with one way or the other.
    private var drainedCount = 0
    private var finishedCount = 0
    /// Items up to this count are exported without waiting for a full batch.
    private var urgentCount = 0
    private var waiting: [(request: FlushRequest, watermark: Int)] = []
    private var dueNanoseconds: UInt64 = 0
    private var hasFailed = false
    private var buffers: [ChunkBuffer] = []

    init(_ pipeline: ExportPipeline) {
        self.pipeline = pipeline
        runner = pipeline.runner
    }

    mutating func run() {
        scheduleNext()
        while true {
            if !hasWork { waitForWork() }
            collect()
            if hasWork { exportOneBatch() }
            if answerRequests() { return }
        }
    }

    private var batchSize: Int { pipeline.options.maxExportBatchSize }

    /// Whether a batch is due: a full one, or any that somebody or the schedule asked for.
    private var hasWork: Bool { pending.count >= batchSize || finishedCount < urgentCount }

    private mutating func scheduleNext() {
        // A delay of nothing would keep a processor busy doing nothing.
        let delay = UInt64(max(1_000_000, pipeline.options.scheduleDelay.saturatedNanoseconds))
        let (due, overflow) = pipeline.clock.monotonicNanoseconds().addingReportingOverflow(delay)
        dueNanoseconds = overflow ? .max : due
    }

    private func waitForWork() {
        runner.runPendingJobs()
        // A manual clock raises the signal whenever it is moved.
        let deadline = pipeline.clock.manual == nil ? Deadline(nanoseconds: dueNanoseconds) : .never
        _ = pipeline.wake.wait(until: deadline)
    }

    /// Fetches what is new: requests first, so that all that was accepted before a request is fetched after it.
    private mutating func collect() {
        let requests = pipeline.requests.takeNew()
        if requests.contains(where: \.isShutdown) { pipeline.queue.close() }
        let chunks = pipeline.queue.drain()
        pending.add(chunks)
        drainedCount = finishedCount + pending.count
        let now = pipeline.clock.monotonicNanoseconds()
        pipeline.clock.renewAnchor(at: now)
        let isDue = now >= dueNanoseconds
        if isDue || !requests.isEmpty || pipeline.isImmediate { urgentCount = drainedCount }
        if isDue { scheduleNext() }
        waiting += requests.map { ($0, drainedCount) }
    }

    private mutating func exportOneBatch() {
        let shutdown = waiting.first { $0.request.isShutdown }
        let limit = shutdown?.request.deadline ?? .never
        guard !limit.hasPassed else { return abandonPending() }
        let batch = pending.takeBatch(atMost: batchSize, buffers: &buffers)
        let count = batch.itemCount
        pipeline.release(count)
        pipeline.processed.wrappingAdd(UInt64(count), ordering: .relaxed)
        let isComplete = export(batch, deadline: min(.after(pipeline.options.exportTimeout), limit))
        finishedCount += count
        if !isComplete { hasFailed = true }
        scheduleNext()
        pipeline.queue.pool.giveBack(&buffers)
    }

    private mutating func abandonPending() {
        let count = pending.removeAll()
        finishedCount += count
        pipeline.release(count)
        pipeline.abandoned.wrappingAdd(UInt64(count), ordering: .relaxed)
        for ledger in pipeline.ledgers {
            ledger.drop(count, .shutdownDeadline, "\(count) items were given up because the deadline of the shutdown has passed")
        }
    }

    /// Hands a batch to the destination; false when some of it was lost.
    private func export(_ batch: ItemBatch, deadline: Deadline) -> Bool {
        func run() -> BatchOutcome {
            runner.run(until: deadline) { [destination = pipeline.destination] in await destination.export(batch, deadline: deadline) }
        }
        let count = batch.itemCount
        return pipeline.deliversItself ? pipeline.ledger.deliver(count, run) : pipeline.ledger.record(run(), of: count)
    }

    /// Answers requests whose items are done with; true when the worker is to end.
    private mutating func answerRequests() -> Bool {
        let ready = waiting.filter { finishedCount >= $0.watermark || $0.request.deadline.hasPassed }
        guard !ready.isEmpty else { return false }
        waiting.removeAll { finishedCount >= $0.watermark || $0.request.deadline.hasPassed }
        var isEnding = false
        for (request, watermark) in ready {
            if request.isShutdown && finishedCount < watermark { abandonPending() }
            let own: FlushResult = finishedCount < watermark || request.deadline.hasPassed ? .timedOut : hasFailed ? .failed : .completed
            pipeline.requests.answer(request, own)
            if request.isShutdown { isEnding = true }
        }
        hasFailed = false
        if isEnding { for (request, _) in waiting { request.complete(.failed) } }
        return isEnding
    }
}
