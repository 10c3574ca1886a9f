// The thread that sends stored batches.

import Synchronization

/// The receiver of a spool's batches; a call makes one attempt and returns its outcome.
protocol SpoolReceiver: Sendable {
    /// The address, for messages.
    var name: String { get }

    /// Sends a request in protobuf; blocks until the response or the deadline.
    func send(_ request: UnsafeRawBufferPointer, deadline: Deadline) -> OTLPOutcome

    /// Makes a call in flight return soon; called on another thread.
    func interrupt()
}

/// Sends the batches of a spool one after another, oldest first, and retries until the receiver accepts them.
final class SpoolReplayer: Sendable {
    private struct Flush {
        let request: FlushRequest
        /// The newest batch that the flush waits for.
        let watermark: UInt64
        var hasFailed = false
    }

    private struct State {
        var flushes: [Flush] = []
        /// The failure of an attempt that an exporter made.
        var reported: (requested: Duration?, reason: String)?
        /// Calls that wait for the thread to end.
        var endings: [FlushRequest] = []
        var isEnding = false
        var hasEnded = false
    }

    /// The interval at which the thread looks for batches of processes that have ended.
    private static let adoptionInterval = Duration.seconds(60)
    /// The limit of a wait that the receiver requests; an error of its clock must not expire everything that waits.
    private static let longestRequestedWait = Duration.seconds(300)

    private let spool: Spool
    private let receiver: any SpoolReceiver
    private let retry: RetryPolicy
    private let timeout: Duration
    private let state = Locked(State())
    private let retryCount = Atomic<UInt64>(0)
    private let failure = Locked<PipelineHealth.Failure?>(nil)

    /// - Parameter timeout: the longest time for one request.
    init(_ spool: Spool, to receiver: any SpoolReceiver, retry: RetryPolicy, timeout: Duration) {
        self.spool = spool
        self.receiver = receiver
        self.retry = retry
        self.timeout = timeout
    }

    /// Starts the thread; returns false if the system provides none.
    func start() -> Bool {
        let isStarted = WorkerThread.start(named: "telemetry-spool") { [self] in
            var loop = Loop()
            run(&loop)
        }
        if isStarted { return true }
        state.withLock { $0.hasEnded = true }
        Diagnostics.report(.error, "The system gives no thread for the spool \(spool.path): what is in it waits for the next process.")
        spool.close()
        return false
    }

    /// The number of requests that were not the first for their batch.
    var retries: UInt64 { retryCount.load(ordering: .relaxed) }

    /// The last failure.
    var lastFailure: PipelineHealth.Failure? { failure.withLock { $0 } }

    /// Records a failed attempt of the exporter; the next attempt is delayed as after one of the replayer.
    func recordFailure(requested: Duration?, reason: String) {
        state.withLock { $0.reported = (requested, reason) }
    }

    /// Tries at once to send all batches that wait now; returns once that is done, or an attempt has failed, since stored batches are
    /// safe.
    func flush(deadline: Deadline) async -> FlushResult {
        let request = FlushRequest(isShutdown: false, deadline: deadline)
        let watermark = spool.newestSequence
        let isTaken = state.withLock { state in
            guard !state.hasEnded, !state.isEnding else { return false }
            state.flushes.append(Flush(request: request, watermark: watermark))
            return true
        }
        guard isTaken else { return spool.isEmpty ? .completed : .failed }
        spool.wake.raise()
        return await [request].waitWithoutBlocking()
    }

    /// Waits for the request in flight, at most until the deadline, and ends the thread; the rest stays for the next process.
    func stop(deadline: Deadline) async -> FlushResult {
        let request = FlushRequest(isShutdown: true, deadline: deadline)
        let isTaken = state.withLock { state in
            state.isEnding = true
            if !state.hasEnded { state.endings.append(request) }
            return !state.hasEnded
        }
        guard isTaken else { return .completed }
        spool.wake.raise()
        let result = await [request].waitWithoutBlocking()
        if result == .timedOut { receiver.interrupt() }
        return result
    }

    /// Ends the thread without waiting for it.
    func abandon() {
        state.withLock { $0.isEnding = true }
        receiver.interrupt()
        spool.wake.raise()
    }

    // MARK: On its own thread

    private struct Loop {
        /// The number of attempts that have failed since the last success.
        var failures = 0
        var nextAttempt = Deadline(nanoseconds: 0)
        /// The time before which the receiver wants no request.
        var notBefore = Deadline(nanoseconds: 0)
        var nextAdoption = Deadline(nanoseconds: 0)
    }

    private func run(_ loop: inout Loop) {
        while !state.withLock({ $0.isEnding }) {
            if loop.nextAdoption.hasPassed {
                spool.adoptAbandoned()
                loop.nextAdoption = .after(Self.adoptionInterval)
            }
            spool.maintain()
            let reported = state.withLock { state in
                defer { state.reported = nil }
                return state.reported
            }
            if let (requested, reason) = reported {
                // An exporter tries only while the spool is empty, which means that earlier failures are over.
                loop.failures = 0
                postpone(&loop, requested: requested, reason, 0)
            }
            let hasPendingFlushes = completeFlushes(loop)
            let hasWork = spool.oldestSequence != nil
            if hasWork && (hasPendingFlushes || loop.nextAttempt.hasPassed) {
                attempt(&loop)
            } else {
                let next = hasWork ? loop.nextAttempt : .never
                _ = spool.wake.wait(until: min(next, min(loop.nextAdoption, spool.synchronizationDue)))
            }
        }
        spool.close()
        let requests = state.withLock { state in
            state.hasEnded = true
            defer { (state.flushes, state.endings) = ([], []) }
            return (flushes: state.flushes, endings: state.endings)
        }
        for flush in requests.flushes { flush.request.complete(.failed) }
        for ending in requests.endings { ending.complete(.completed) }
    }

    /// Completes flushes whose batches are finished; returns whether other flushes wait.
    private func completeFlushes(_ loop: Loop) -> Bool {
        let oldest = spool.oldestSequence ?? .max
        let mustWait = !loop.notBefore.hasPassed
        let (answered, hasPendingFlushes) = state.withLock { state in
            let answered = state.flushes.filter { $0.watermark < oldest || mustWait || $0.request.deadline.hasPassed }
            state.flushes.removeAll { $0.watermark < oldest || mustWait || $0.request.deadline.hasPassed }
            return (answered, !state.flushes.isEmpty)
        }
        for flush in answered {
            let isDone = flush.watermark < oldest
            flush.request.complete(isDone ? (flush.hasFailed ? .failed : .completed) : mustWait ? .failed : .timedOut)
        }
        return hasPendingFlushes
    }

    private func attempt(_ loop: inout Loop) {
        // A flush that comes during this attempt gets an attempt of its own.
        let flushCount = state.withLock { $0.flushes.count }
        guard let entry = spool.takeOldest() else { return }
        let bytes: [UInt8]
        let range: Range<Int>
        switch spool.read(entry) {
        case .lost: return markFlushesFailed()
        case .later(let error):
            spool.putBack()
            return postpone(&loop, requested: nil, "\(spool.path) cannot be read: \(error)", flushCount)
        case .request(let read, let request): (bytes, range) = (read, request)
        }
        if loop.failures > 0 { retryCount.wrappingAdd(1, ordering: .relaxed) }
        let outcome = bytes.withUnsafeBytes { receiver.send(UnsafeRawBufferPointer(rebasing: $0[range]), deadline: .after(timeout)) }
        switch outcome {
        case .retryable(let requested, let reason):
            spool.putBack()
            return postpone(&loop, requested: requested, reason, flushCount)
        case .interrupted:
            spool.putBack()
            return postpone(&loop, requested: nil, "the request was interrupted", flushCount)
        case .timedOut(let reason):
            spool.putBack()
            return postpone(&loop, requested: nil, reason, flushCount)
        case .delivered: spool.finish(entry, .delivered(rejected: 0))
        case .deliveredWithWarning(let warning):
            spool.finish(entry, .delivered(rejected: 0))
            Diagnostics.report(.warning, topic: "otlp.warning.\(receiver.name)", "\(receiver.name) took the items, but \(warning)")
        case .partiallyRejected(let count, let reason):
            spool.finish(entry, .delivered(rejected: count))
            reject(count, reason)
        case .rejected(let reason):
            spool.finish(entry, .rejected)
            reject(entry.itemCount, reason)
        }
        loop.failures = 0
        loop.nextAttempt = Deadline(nanoseconds: 0)
        loop.notBefore = Deadline(nanoseconds: 0)
        if spool.isEmpty { Diagnostics.report(.info, topic: "\(spool.path).empty", "All that waited in \(spool.path) has been sent.") }
    }

    private func reject(_ count: Int, _ reason: String) {
        reportFailure("\(receiver.name) refused \(quantity(count, "item")) from \(spool.path): \(reason)", topic: "rejected")
        markFlushesFailed()
    }

    private func markFlushesFailed() {
        state.withLock { state in
            for index in state.flushes.indices { state.flushes[index].hasFailed = true }
        }
    }

    private func postpone(_ loop: inout Loop, requested: Duration?, _ reason: String, _ flushCount: Int) {
        loop.failures += 1
        let requested = requested.map { min($0, Self.longestRequestedWait) }
        loop.nextAttempt = .after(retry.delay(afterAttempt: loop.failures, requested: requested, fraction: LaneGenerator.fraction()))
        loop.notBefore = requested.map(Deadline.after) ?? Deadline(nanoseconds: 0)
        let counts = spool.counts
        let items = counts.own.waiting + counts.recovered.waiting
        reportFailure(
            "\(receiver.name) cannot be reached (\(reason)): \(spool.path) keeps \(quantity(items, "item")) until it is back", topic: "away"
        )
        let answered = state.withLock { state in
            defer { state.flushes.removeFirst(min(flushCount, state.flushes.count)) }
            return Array(state.flushes.prefix(flushCount))
        }
        for flush in answered { flush.request.complete(.failed) }
    }

    private func reportFailure(_ message: String, topic: String) {
        failure.withLock { $0 = PipelineHealth.Failure(time: spool.now, message: message) }
        Diagnostics.report(.warning, topic: "\(spool.path).\(topic)", "\(message).")
    }
}
