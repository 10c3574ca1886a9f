// Joins a queue, a worker thread and an exporter: shared by all signals that are exported in batches.

import Synchronization

/// What an export pipeline delivers to: the exporter of one signal.
protocol BatchDestination: Sendable {
    func export(_ batch: ItemBatch, deadline: Deadline) async throws(ExportFailure)
    func forceFlush(deadline: Deadline) async -> FlushResult
    func shutdown(deadline: Deadline) async -> FlushResult
}

/// What became of the items of a pipeline. Accepted items are exported, failed, dropped at shutdown, or still on their way.
struct PipelineCounts: Sendable, Hashable {
    /// Items taken into the queue.
    var accepted: UInt64 = 0
    /// Items that did not fit into the queue, or came after shutdown.
    var dropped: UInt64 = 0
    /// Items that the destination took.
    var exported: UInt64 = 0
    /// Items that the destination did not take.
    var failed: UInt64 = 0
    /// Items that the destination keeps outside of the process, to deliver them later.
    var deferred: UInt64 = 0
    /// Items given up because the deadline of the shutdown came first.
    var abandoned: UInt64 = 0
}

/// Collects items from any thread and exports them in batches from a thread of its own.
final class ExportPipeline: Sendable {
    struct State {
        var requests: [FlushRequest] = []
        var isShutDown = false
        var export: Task<Void, Never>?
        var counts = PipelineCounts()
    }

    let name: String
    let options: BatchOptions
    let clock: TelemetryClock
    let queue: BatchQueue
    let destination: any BatchDestination
    let wake = WakeSignal()
    let state = Mutex(State())
    /// How often callers that find the queue full still let others run first; filled up with each batch that leaves.
    private let courtesies = Atomic(courtesiesPerBatch)
    private static let courtesiesPerBatch = 1024
    private let waiters = Atomic(0)
    private let room = Semaphore()

    init(name: String, options: BatchOptions, clock: TelemetryClock, destination: any BatchDestination) {
        self.name = name
        self.options = options
        self.clock = clock
        self.destination = destination
        queue = BatchQueue(capacity: options.maxQueueSize, batchSize: options.maxExportBatchSize, wake: wake)
        clock.manual?.observe { [wake] in wake.raise() }
        let isStarted = WorkerThread.start(named: name) {
            var worker = ExportWorker(self)
            worker.run()
        }
        if !isStarted {
            Diagnostics.report(.error, "The system gives no thread for \(name): nothing will be exported by it.")
            queue.close()
        }
    }

    /// Appends one item; when the queue is full, does what the options say.
    @inline(__always)
    func append(_ scope: ScopeReference, lane: Int, size: Int, write: (inout WireCursor) -> Void) {
        if queue.append(scope, lane: lane, size: size, write: write) != .accepted {
            appendToFullQueue(scope, lane, size: size, write: write)
        }
    }

    @inline(never)
    private func appendToFullQueue(_ scope: ScopeReference, _ lane: Int, size: Int, write: (inout WireCursor) -> Void) {
        // The worker is told in any case: a full queue is all that it waits for.
        wake.raise()
        if queue.takeIdleSlot(), queue.append(scope, lane: lane, size: size, write: write) == .accepted { return }
        // With every processor busy recording, the worker waits for its turn: giving up one's own is quick and saves the item.
        // So many times a batch only, some tenths of a millisecond in all, so that callers pay next to nothing when no batch
        // leaves because the receiver is away.
        while courtesies.load(ordering: .relaxed) > 0 {
            courtesies.wrappingSubtract(1, ordering: .relaxed)
            WorkerThread.letOthersRun()
            if queue.append(scope, lane: lane, size: size, write: write) == .accepted { return }
        }
        if case .wait(let duration) = options.fullQueuePolicy {
            let deadline = Deadline.after(duration)
            repeat {
                waiters.wrappingAdd(1, ordering: .sequentiallyConsistent)
                let admission = queue.append(scope, lane: lane, size: size, write: write)
                if admission == .full { _ = room.wait(until: deadline) }
                waiters.wrappingSubtract(1, ordering: .sequentiallyConsistent)
                if admission == .accepted { return }
                if admission == .closed { break }
            } while !deadline.hasPassed
        }
        // Looked at now and then only: what is dropped by the million must not cost a message each.
        if queue.countDropped(lane: lane) & 0x3FFF == 1 { reportFullQueue() }
    }

    @inline(never)
    private func reportFullQueue() {
        Diagnostics.report(
            .warning, topic: "\(name).full",
            "\(name): the queue of \(options.maxQueueSize) items is full, new ones are dropped and counted. The receiver is slow or away.")
    }

    /// Makes room in the queue for as many items as have been handed to the destination.
    func release(_ count: Int) {
        queue.release(count)
        courtesies.store(Self.courtesiesPerBatch, ordering: .relaxed)
        for _ in 0..<waiters.load(ordering: .sequentiallyConsistent) { room.post() }
    }

    /// Exports all that was accepted before, unless the deadline comes first.
    func forceFlush(deadline: Deadline) async -> FlushResult {
        guard let request = submit(isShutdown: false, deadline) else { return .completed }
        return await request.waitWithoutBlocking()
    }

    /// Exports all that was accepted before, unless the deadline comes first, and ends the worker.
    func shutdown(deadline: Deadline) async -> FlushResult {
        guard let request = submit(isShutdown: true, deadline) else { return .completed }
        let result = await request.waitWithoutBlocking()
        // An export that is still under way has had its time.
        if result == .timedOut { cancelExport() }
        return result
    }

    private func submit(isShutdown: Bool, _ deadline: Deadline) -> FlushRequest? {
        let request = FlushRequest(isShutdown: isShutdown, deadline: deadline)
        let isTaken = state.withLock { state in
            guard !state.isShutDown else { return false }
            state.isShutDown = isShutdown
            state.requests.append(request)
            return true
        }
        guard isTaken else { return nil }
        wake.raise()
        return request
    }

    func cancelExport() {
        state.withLock { $0.export }?.cancel()
    }

    /// What became of the items so far.
    var counts: PipelineCounts {
        var counts = state.withLock { $0.counts }
        (counts.accepted, counts.dropped) = queue.counts
        return counts
    }
}
