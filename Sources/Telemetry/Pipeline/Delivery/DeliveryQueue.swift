// Delivery of shared batches to one destination by its own threads.

import Synchronization

/// Delivers batches to one destination: as many at a time as it accepts, each from its own thread.
///
/// The batches' bytes are shared with the other destinations of the pipeline; the room, the deadlines and the counts are its
/// own, so that a destination that is slow or away costs the others nothing.
final class DeliveryQueue: Sendable {
    private struct State {
        var batches: [(number: Int, batch: ItemBatch)] = []
        var waitingItems = 0
        var idleThreads = 0
        var liveThreads = 0
        var nextNumber = 0
        /// The numbers of the batches that are neither delivered nor lost yet.
        var outstanding: Set<Int> = []
        var requests: [FlushRequest] = []
        var losses = UnreportedLosses()
        /// The deadline of the shutdown that has begun.
        var shutdownDeadline: Deadline?
        /// True once no batch is accepted any more.
        var isClosed = false
        /// The end of the pause that the receiver has asked for.
        var pausedUntil = Deadline(nanoseconds: 0)

        /// Returns whether all batches before the request's watermark are delivered or lost.
        func isDone(_ request: FlushRequest) -> Bool {
            let watermark = request.watermark.load(ordering: .relaxed)
            return outstanding.allSatisfy { $0 >= watermark }
        }

        /// True if batches wait for the receiver's pause to end, and not for a shutdown that ends before it.
        var isPaused: Bool { !pausedUntil.hasPassed && (shutdownDeadline.map { $0 > pausedUntil } ?? true) }
    }

    private enum Job {
        case deliver(number: Int, ItemBatch)
        case answer(FlushRequest)
        case wait(until: Deadline)
        case end
    }

    let destination: any BatchDestination
    let accounting: ExportAccounting
    private let capacity: Int?
    private let exportTimeout: Duration
    private let pool: ChunkPool
    private let state = Locked(State())
    private let runners: [ExportRunner]
    private let wakes: [WakeSignal]
    /// Raised whenever a thread becomes idle, for a pipeline that waits for one.
    private let idle = WakeSignal()

    /// - Parameter capacity: items that may wait for a thread; nil when the pipeline hands over a batch only once a thread is
    ///   idle, and keeps the others in its own queue.
    init(
        _ destination: any BatchDestination, pipeline: String, capacity: Int?, exportTimeout: Duration, accounting: ExportAccounting,
        pool: ChunkPool
    ) {
        self.destination = destination
        self.capacity = capacity
        self.exportTimeout = exportTimeout
        self.accounting = accounting
        self.pool = pool
        let count = max(1, destination.maximumConcurrentExports)
        let wakes = (0..<count).map { _ in WakeSignal() }
        self.wakes = wakes
        runners = wakes.map { ExportRunner(wake: $0) }
        for index in 0..<count {
            // Counted before it runs: a batch may come at once.
            state.withLock { $0.liveThreads += 1 }
            if !WorkerThread.start(named: pipeline, { [self] in run(index) }) {
                state.withLock { $0.liveThreads -= 1 }
                Diagnostics.report(.error, "The system gives no thread for \(pipeline): less is exported by it at a time, or nothing.")
            }
        }
    }

    // MARK: For the pipeline's worker

    /// Accepts a batch, or counts it as dropped if there is no room.
    func submit(_ batch: ItemBatch) {
        let count = batch.itemCount
        let isTaken = state.withLock { state in
            guard state.liveThreads > 0, !state.isClosed else { return false }
            // An empty queue accepts a batch of any size.
            if let capacity, state.waitingItems > 0, state.waitingItems + count > capacity { return false }
            state.batches.append((state.nextNumber, batch))
            state.outstanding.insert(state.nextNumber)
            state.nextNumber += 1
            state.waitingItems += count
            return true
        }
        if isTaken { return wakeAll() }
        accounting.drop(
            count, .queueFull, isProcessed: true,
            "\(destination.name) has no room for further batches, they are dropped and counted: the receiver is slow or away")
    }

    /// Waits until a thread can take a batch; returns false if the deadline comes first.
    func waitForIdleThread(until deadline: Deadline) -> Bool {
        while state.withLock({ $0.idleThreads <= $0.batches.count && $0.liveThreads > 0 }) {
            if !idle.wait(until: deadline) || Task.isCancelled { return false }
        }
        return true
    }

    /// Makes a wait for an idle thread check for cancellation.
    func interruptWaiting() { idle.raise() }

    /// Flushes the destination after all batches submitted before, and then completes the request.
    func request(_ request: FlushRequest) {
        let isTaken = state.withLock { state in
            guard state.liveThreads > 0 else { return false }
            request.watermark.store(state.nextNumber, ordering: .relaxed)
            state.losses.cover(by: request)
            state.requests.append(request)
            if request.isShutdown { state.isClosed = true }
            return true
        }
        if isTaken { wakeAll() } else { request.complete(.failed) }
    }

    /// Sets the deadline of a shutdown, before the rest is flushed.
    func prepareShutdown(deadline: Deadline) {
        state.withLock { $0.shutdownDeadline = deadline }
        wakeAll()
    }

    /// Cancels the exports in flight.
    func cancel() {
        for runner in runners { runner.cancel() }
        wakeAll()
    }

    private func wakeAll() {
        for wake in wakes { wake.raise() }
    }

    // MARK: On its own threads

    private func run(_ index: Int) {
        let runner = runners[index]
        while true {
            runner.runPendingJobs()
            switch nextJob() {
            case .deliver(let number, let batch): deliver(batch, number, runner)
            case .answer(let request): answer(request, runner)
            case .wait(let deadline):
                idle.raise()
                _ = wakes[index].wait(until: deadline)
                state.withLock {
                    assert($0.idleThreads > 0, "A thread that stops waiting was counted as idle.")
                    $0.idleThreads -= 1
                }
            case .end: return
            }
        }
    }

    private func nextJob() -> Job {
        state.withLock { state in
            if let ready = state.requests.firstIndex(where: { state.isDone($0) }) {
                return .answer(state.requests.remove(at: ready))
            }
            if !state.batches.isEmpty && !state.isPaused {
                let (number, batch) = state.batches.removeFirst()
                state.waitingItems -= batch.itemCount
                assert(state.waitingItems >= 0, "Items that leave were counted when they came.")
                return .deliver(number: number, batch)
            }
            if state.isClosed && state.outstanding.isEmpty && state.requests.isEmpty {
                state.liveThreads -= 1
                return .end
            }
            state.idleThreads += 1
            return .wait(until: state.batches.isEmpty ? .never : state.pausedUntil)
        }
    }

    /// The end of the pause that the receiver has asked for.
    var pausedUntil: Deadline { state.withLock { $0.pausedUntil } }

    private func deliver(_ batch: consuming ItemBatch, _ number: Int, _ runner: ExportRunner) {
        let (limit, pausedUntil) = state.withLock { ($0.shutdownDeadline ?? .never, $0.pausedUntil) }
        // A batch given up at the deadline of a shutdown is counted by the settlement.
        var outcome = BatchOutcome.failed(.shutDown)
        if !limit.hasPassed && (pausedUntil.hasPassed || pausedUntil < limit) {
            let own = Deadline.after(exportTimeout)
            let deadline = min(own, limit)
            outcome = accounting.deliver(
                batch.itemCount, isCutOff: { limit <= own || state.withLock { $0.shutdownDeadline }?.hasPassed ?? false }
            ) {
                runner.run(until: deadline, reportOverrun: accounting.noteOverrun) { [destination, batch] in
                    await destination.export(batch, deadline: deadline)
                }
            }
        }
        var buffers = batch.buffers
        batch = ItemBatch()
        pool.giveBack(&buffers)
        state.withLock { state in
            state.outstanding.remove(number)
            if outcome.hasLost { state.losses.note(at: number, state.requests) }
            if let duration = outcome.requestedPause { state.pausedUntil = max(state.pausedUntil, .after(duration)) }
        }
        // A request that another thread waits for may be ready now.
        wakeAll()
    }

    private func answer(_ request: FlushRequest, _ runner: ExportRunner) {
        let deadline = request.deadline
        // The pipeline flushes before it shuts down.
        let ending = runner.run(until: deadline) { [destination, isShutdown = request.isShutdown] in
            isShutdown ? await destination.shutdown(deadline: deadline) : await destination.forceFlush(deadline: deadline)
        }
        let hasLost = request.coversLoss.load(ordering: .relaxed)
        let result = ending.combined(with: deadline.hasPassed ? .timedOut : hasLost ? .failed : .completed)
        request.complete(result) {
            if result == .failed { state.withLock { $0.losses.report(request) } }
        }
        wakeAll()
    }
}
