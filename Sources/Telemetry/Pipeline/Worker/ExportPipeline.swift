// The path from a queue to the destinations, common to all signals that are exported in batches.

import Synchronization

/// Collects items from any thread and exports them in batches from a thread of its own.
final class ExportPipeline: Sendable {
    /// The component type of the processor in the semantic conventions, and its name: the type with a number.
    let kind: String
    let name: String
    let items: ItemNoun
    let options: BatchOptions
    /// True if items are exported as soon as there are any; a batch is then all that came meanwhile.
    let isImmediate: Bool
    let clock: TelemetryClock
    let queue: BatchQueue
    let destination: any BatchDestination
    let wake = WakeSignal()
    let runner: ExportRunner
    let requests: FlushRequests
    /// The observer of the items that the worker fetches, before they are delivered.
    let fetched = EventObserver<ItemBatch>()
    /// The account of the items that the worker itself delivers.
    let accounting: ExportAccounting
    /// The queues of several destinations, or of one that delivers several batches at a time; else empty.
    private let deliveries: [DeliveryQueue]
    let roomForCallers = RoomForCallers()
    /// True if each item wakes the worker: an immediate export, or a delay so short that looking at intervals would be polling.
    let wakesForEachItem: Bool
    /// What became of the items of the queue, for the processor's metrics.
    private let progress = Locked(Progress())

    private struct Progress {
        /// Items for which the destination was called.
        var processed: UInt64 = 0
        /// Items that were given up at the end of a shutdown.
        var abandoned: UInt64 = 0
        var isSettled = false
    }
    /// A worker that woke more often would keep a processor busy with finding nothing.
    private static let shortestInterval = Duration.milliseconds(20)

    /// Makes a pipeline without its worker; ``init(kind:items:options:clock:destinations:isImmediate:laneCount:)`` starts that too.
    init(
        withoutWorker kind: String, _ items: ItemNoun, _ options: BatchOptions, _ clock: TelemetryClock,
        destinations: [any BatchDestination],
        isImmediate: Bool, laneCount: Int
    ) {
        let options = options.nearestValid
        let destinations = destinations.isEmpty ? [MissingDestination()] : destinations
        let name = ComponentNames.next(kind)
        let accounting = ExportAccounting(name: name, items: items, destination: destinations[0].name, clock: clock)
        let runner = ExportRunner(wake: wake)
        self.kind = kind
        self.name = name
        self.items = items
        self.options = options
        self.isImmediate = isImmediate
        wakesForEachItem = isImmediate || options.scheduleDelay < Self.shortestInterval
        self.clock = clock
        self.accounting = accounting
        self.runner = runner
        let pool = ChunkPool()
        if destinations.count == 1 && destinations[0].maximumConcurrentExports <= 1 {
            destination = destinations[0]
            deliveries = []
        } else {
            let isAlone = destinations.count == 1
            deliveries = destinations.map {
                DeliveryQueue(
                    $0, pipeline: name, capacity: isAlone ? nil : options.maxQueueSize, exportTimeout: options.exportTimeout,
                    accounting: isAlone
                        ? accounting : ExportAccounting(name: name, items: items, destination: $0.name, clock: clock), pool: pool)
            }
            destination = FanOutDestination(queues: deliveries)
        }
        requests = FlushRequests(to: destination, wake: wake, runner: runner)
        queue = BatchQueue(
            capacity: options.maxQueueSize, batchSize: wakesForEachItem ? 1 : options.promptCount ?? options.maxExportBatchSize,
            laneCount: laneCount, pool: pool, wake: wake)
        clock.manual?.observe { [wake] in wake.raise() }
    }

    /// Appends one item; applies the policy of the options if the queue is full.
    @inline(__always)
    func append(_ scope: ScopeReference, lane: Int, size: Int, write: (inout WireCursor) -> Void) {
        if queue.append(scope, lane: lane, size: size, write: write) != .accepted {
            appendToFullQueue(scope, lane, size: size, write: write)
        }
    }

    @inline(never)
    private func appendToFullQueue(_ scope: ScopeReference, _ lane: Int, size: Int, write: (inout WireCursor) -> Void) {
        // The worker is woken in any case: a full queue usually holds a full batch.
        wake.raise()
        if queue.takeIdleSlot(), queue.append(scope, lane: lane, size: size, write: write) == .accepted { return }
        func append() -> BatchQueue.Admission { queue.append(scope, lane: lane, size: size, write: write) }
        if roomForCallers.retry(options.fullQueuePolicy, append) == .accepted { return }
        // Reported once in 16384 drops a lane, since millions of drops must not cost a message each.
        if queue.countDropped(lane: lane) & 0x3FFF == 1 { reportFullQueue() }
    }

    @inline(never)
    private func reportFullQueue() {
        Diagnostics.report(
            .warning, topic: "\(name).full",
            "\(name): the queue of \(items.quantity(options.maxQueueSize)) is full, new ones are dropped and counted. \(destination.name) is slow or away,"
                + " or more is recorded than it takes: look after it, record less, or make the queue longer.")
    }

    /// Makes room in the queue for as many items as have been handed to the destination.
    func release(_ count: Int) {
        queue.release(count)
        roomForCallers.open()
    }

    /// Exports all that was accepted before, unless the deadline comes first.
    func forceFlush(deadline: Deadline) async -> FlushResult {
        await [request(isShutdown: false, deadline)].waitWithoutBlocking()
    }

    /// Exports all that was accepted before, unless the deadline comes first, and ends the worker.
    func shutdown(deadline: Deadline) async -> FlushResult {
        await [request(isShutdown: true, deadline)].waitWithoutBlocking()
    }

    /// Begins a flush or the shutdown, without waiting for it.
    func request(isShutdown: Bool, _ deadline: Deadline) -> FlushRequest {
        requests.request(isShutdown: isShutdown, deadline) { [self] in settle() }
    }

    /// Counts items for which the destination is called.
    func noteProcessed(_ count: Int) {
        progress.withLock { if !$0.isSettled { $0.processed &+= UInt64(count) } }
    }

    /// Closes the queue and counts the items still in it as given up, so that none waits when a shutdown returns.
    private func settle() {
        queue.close()
        let accepted = queue.counts.accepted
        progress.withLock { progress in
            guard !progress.isSettled else { return }
            progress.isSettled = true
            progress.abandoned = accepted &- progress.processed
        }
        for end in accountedDestinations { end.accounting.settle(accepted: accepted, cause: end.destination.status.retryCause) }
    }

    /// True if the worker itself delivers; else the destinations have queues of their own.
    var deliversItself: Bool { deliveries.isEmpty }

    /// The destinations, each with its accounting.
    var accountedDestinations: [AccountedDestination] {
        deliversItself
            ? [AccountedDestination(destination: destination, accounting: accounting)]
            : deliveries.map { AccountedDestination(destination: $0.destination, accounting: $0.accounting) }
    }

    /// The counts of the queue, for the processor's metrics.
    var queueCounts: QueueCounts {
        // Items that left are read before items that came, so that they are never more.
        let (processed, abandoned) = progress.withLock { ($0.processed, $0.abandoned) }
        let counts = queue.counts
        let dropped = [DropReason.queueFull: counts.full, .alreadyShutDown: counts.closed, .shutdownDeadline: abandoned]
        return QueueCounts(
            size: counts.accepted &- processed &- abandoned, capacity: UInt64(options.maxQueueSize), processed: processed,
            dropped: dropped.filter { $0.value > 0 })
    }

    /// The health for each destination.
    var health: [PipelineHealth] {
        accountedDestinations.map { end in
            if requests.isOfParent { return healthInChild(end) }
            // Finished items are read before accepted ones, so that they are never more.
            var health = PipelineHealth(
                name: name, destination: end.destination, accounting: end.accounting, queueCapacity: options.maxQueueSize)
            let counts = queue.counts
            health.accepted = counts.accepted &+ counts.full &+ counts.closed
            if counts.full > 0 { health.dropped[.queueFull, default: 0] &+= counts.full }
            if counts.closed > 0 { health.dropped[.alreadyShutDown, default: 0] &+= counts.closed }
            return health
        }
    }
}

extension ExportPipeline {
    /// The health in a forked child, which counts only items that came after the fork.
    private func healthInChild(_ end: AccountedDestination) -> PipelineHealth {
        var health = PipelineHealth(name: name, destination: end.destination.name, queueCapacity: options.maxQueueSize)
        health.accepted = queue.counts.closed
        if health.accepted > 0 { health.dropped = [.alreadyShutDown: health.accepted] }
        return health
    }
}

/// The counts of a processor's queue. (Semantic conventions: `otel.sdk.processor.span.…`.)
struct QueueCounts: Sendable, Equatable {
    var size: UInt64
    var capacity: UInt64
    /// Items for which the exporter was called, whatever came of it.
    var processed: UInt64
    /// Items that were lost before.
    var dropped: [DropReason: UInt64]
}
