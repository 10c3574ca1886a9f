// The thread of an export pipeline.

import Synchronization

/// Collects batches, exports one at a time, and answers flush and shutdown, until the shutdown.
struct ExportWorker {
    private let pipeline: ExportPipeline
    private let runner: ExportRunner
    private var pending = PendingItems()
    /// Items since the start: drained from the queue, and delivered or lost.
    private var drainedCount = 0
    private var finishedCount = 0
    /// Items up to this count are exported without waiting for a full batch.
    private var urgentCount = 0
    private var waiting: [FlushRequest] = []
    private var dueNanoseconds: UInt64 = 0
    /// The end of the pause that the receiver has asked for.
    private var pausedUntil = Deadline(nanoseconds: 0)
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

    /// True if a batch is due: of as many items as the options say, or any that a request or the schedule has asked for.
    private var isBatchDue: Bool { pending.count >= pipeline.options.promptCount ?? batchSize || finishedCount < urgentCount }

    private var hasWork: Bool { isBatchDue && (!isPaused || shutdownDeadline <= pause) }

    private var shutdownDeadline: Deadline { waiting.first(where: \.isShutdown)?.deadline ?? .never }

    private var pause: Deadline { max(pausedUntil, pipeline.destination.pausedUntil) }

    private var isPaused: Bool { pipeline.clock.monotonicNanoseconds() < pause.nanoseconds }

    private mutating func scheduleNext() {
        let delay = UInt64(max(0, pipeline.options.scheduleDelay.saturatedNanoseconds))
        let (due, overflow) = pipeline.clock.monotonicNanoseconds().addingReportingOverflow(delay)
        dueNanoseconds = overflow ? .max : due
    }

    private func waitForWork() {
        runner.runPendingJobs()
        _ = pipeline.wake.wait(until: nextWake)
    }

    /// The latest time of the next round, unless the signal is raised before.
    private var nextWake: Deadline {
        let answer = waiting.map(\.deadline).min() ?? .never
        // A manual clock raises the signal whenever it is moved.
        guard pipeline.clock.manual == nil else { return answer }
        if isBatchDue && isPaused { return min(answer, pause) }
        // Each item raises the signal then, so that no interval is needed.
        if pipeline.wakesForEachItem && pending.count == 0 { return answer }
        return min(answer, Deadline(nanoseconds: dueNanoseconds))
    }

    /// Fetches new requests and then new items, so that every item accepted before a request is fetched with it.
    private mutating func collect() {
        let requests = pipeline.requests.takeNew()
        if requests.contains(where: \.isShutdown) { pipeline.queue.close() }
        let wasEmpty = pending.count == 0
        let chunks = pipeline.queue.drain()
        if pipeline.fetched.isPresent { report(chunks) }
        pending.add(chunks)
        if wasEmpty && pipeline.wakesForEachItem && pending.count > 0 { scheduleNext() }
        drainedCount = finishedCount + pending.count
        let now = pipeline.clock.monotonicNanoseconds()
        pipeline.clock.renewAnchor(at: now)
        let isDue = now >= dueNanoseconds
        if isDue || !requests.isEmpty || pipeline.isImmediate { urgentCount = drainedCount }
        if isDue { scheduleNext() }
        for request in requests { request.watermark.store(drainedCount, ordering: .relaxed) }
        waiting += requests
    }

    /// Shows the observer what was fetched; it does not wait for a receiver that is slow or away.
    private func report(_ chunks: [Chunk]) {
        var batch = ItemBatch()
        for chunk in chunks where chunk.itemCount > 0 { batch.add(ChunkSlice(chunk)) }
        if batch.itemCount > 0 { pipeline.fetched.report(batch) }
    }

    private mutating func exportOneBatch() {
        let limit = shutdownDeadline
        // Waiting is of no use if the pause ends after the shutdown's deadline.
        guard !limit.hasPassed, !(isPaused && limit <= pause) else { return abandonPending() }
        // No variable here holds the batch: buffers are recycled only once no batch refers to them.
        let start = pipeline.clock.monotonicNanoseconds()
        let (outcome, count) = exportNext(limit)
        pipeline.roomForCallers.noteExport(nanoseconds: pipeline.clock.monotonicNanoseconds() &- start)
        if outcome.hasLost { pipeline.requests.noteLoss(at: finishedCount) }
        if let duration = outcome.requestedPause {
            pausedUntil = Deadline(nanoseconds: pipeline.clock.monotonicNanoseconds()).advanced(by: duration)
        }
        finishedCount += count
        scheduleNext()
        pipeline.queue.pool.giveBack(&buffers)
    }

    private mutating func exportNext(_ limit: Deadline) -> (BatchOutcome, count: Int) {
        let batch = pending.takeBatch(atMost: batchSize, buffers: &buffers)
        let count = batch.itemCount
        assert(count > 0 && finishedCount + count <= drainedCount, "A batch holds items that were drained and are not done with.")
        pipeline.release(count)
        pipeline.noteProcessed(count)
        return (export(batch, limit: limit), count)
    }

    /// Gives up the items not exported; the settlement that ends the shutdown counts them.
    private mutating func abandonPending() {
        guard pending.count > 0 else { return }
        pipeline.requests.noteLoss(at: finishedCount)
        let count = pending.removeAll()
        finishedCount += count
        pipeline.release(count)
    }

    /// Hands a batch to the destination.
    ///
    /// - Parameter limit: the deadline of the shutdown.
    private func export(_ batch: ItemBatch, limit: Deadline) -> BatchOutcome {
        let own = Deadline.after(pipeline.options.exportTimeout)
        let deadline = min(own, limit)
        func run() -> BatchOutcome {
            runner.run(until: deadline, reportOverrun: pipeline.accounting.noteOverrun) { [destination = pipeline.destination] in
                await destination.export(batch, deadline: deadline)
            }
        }
        guard pipeline.deliversItself else {
            let outcome = run()
            if case .failed(let failure) = outcome {
                pipeline.accounting.drop(batch.itemCount, .timedOut, isProcessed: true, failure.description)
            }
            return outcome
        }
        return pipeline.accounting.deliver(
            batch.itemCount, isCutOff: { limit <= own || pipeline.requests.shutdownDeadline?.hasPassed ?? false }, run)
    }

    /// Answers requests whose items are delivered or lost; returns true if the worker must end.
    private mutating func answerRequests() -> Bool {
        func isDone(_ request: FlushRequest) -> Bool { finishedCount >= request.watermark.load(ordering: .relaxed) }
        let ready = waiting.filter { isDone($0) || $0.deadline.hasPassed }
        guard !ready.isEmpty else { return false }
        waiting.removeAll { request in ready.contains { $0 === request } }
        var isEnding = false
        for request in ready {
            let isDelivered = isDone(request)
            if request.isShutdown && !isDelivered { abandonPending() }
            pipeline.requests.answer(request, isDelivered: isDelivered)
            if request.isShutdown { isEnding = true }
        }
        if isEnding { for request in waiting { request.complete(.failed) } }
        return isEnding
    }
}

/// The drained items that wait for their export, oldest first.
struct PendingItems {
    private var slices: [ChunkSlice] = []
    private(set) var count = 0

    mutating func add(_ chunks: [Chunk]) {
        for chunk in chunks where chunk.itemCount > 0 {
            slices.append(ChunkSlice(chunk))
            count += chunk.itemCount
        }
    }

    /// Removes and returns the oldest items, at most `limit`; appends their buffers to those to recycle.
    mutating func takeBatch(atMost limit: Int, buffers: inout [ChunkBuffer]) -> ItemBatch {
        var batch = ItemBatch()
        var taken = 0
        while taken < slices.count, batch.itemCount < limit {
            let slice = slices[taken].removeFirst(limit - batch.itemCount)
            batch.add(slice)
            buffers.append(slice.chunk.buffer)
            if slices[taken].itemCount == 0 { taken += 1 } else { break }
        }
        slices.removeFirst(taken)
        count -= batch.itemCount
        return batch
    }

    mutating func removeAll() -> Int {
        defer {
            slices.removeAll()
            count = 0
        }
        return count
    }
}

extension ExportPipeline {
    /// Makes a pipeline and starts its worker.
    ///
    /// - Parameters:
    ///   - kind: the processor, as the semantic conventions name such components; a number is added.
    ///   - items: the name of its items in messages.
    ///   - destinations: each gets all items, and is waited for by no other.
    ///   - isImmediate: whether items are exported as soon as there are any.
    ///   - laneCount: how many lanes the queue has; with one, items stay in the order in which they came.
    convenience init(
        kind: String, items: ItemNoun, options: BatchOptions, clock: TelemetryClock, destinations: [any BatchDestination],
        isImmediate: Bool = false,
        laneCount: Int = ProcessorLane.count
    ) {
        self.init(
            withoutWorker: kind, items, options, clock, destinations: destinations, isImmediate: isImmediate, laneCount: laneCount)
        let isStarted = WorkerThread.start(named: name) {
            var worker = ExportWorker(self)
            worker.run()
        }
        if !isStarted {
            Diagnostics.report(.error, "The system gives no thread for \(name): nothing will be exported by it.")
            queue.close()
            requests.close()
        }
    }
}
