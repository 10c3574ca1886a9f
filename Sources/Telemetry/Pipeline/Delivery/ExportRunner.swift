// The bridge from a worker's thread to the asynchronous code of exporters.

/// Runs the asynchronous code of a destination to its end on the thread that calls ``run(until:_:)``.
final class ExportRunner: Sendable {
    private let executor: WorkerExecutor
    private let wake: WakeSignal
    private let task = Locked<Task<Void, Never>?>(nil)

    /// - Parameter wake: the signal that the thread waits for; raised again after a wait, since others may have raised it.
    init(wake: WakeSignal) {
        self.wake = wake
        executor = WorkerExecutor(wake: wake)
    }

    /// Runs jobs that earlier work has left behind; must be called on the worker's thread.
    func runPendingJobs() { executor.runPendingJobs() }

    /// Cancels the work in progress; may be called on any thread.
    func cancel() { task.withLock { $0 }?.cancel() }

    /// How long cancelled work may take to end before its overrun is reported.
    private static let grace = Duration.milliseconds(250)

    /// Runs the work to its end on this thread; cancels it when the deadline passes.
    ///
    /// - Parameter reportOverrun: called if cancelled work does not end.
    func run<Value: Sendable>(
        until deadline: Deadline, reportOverrun: () -> Void = {}, _ work: @escaping @Sendable () async -> Value
    ) -> Value {
        let outcome = Outcome<Value>()
        // Suppressed, so that an instrumented client does not record new items while it delivers the old ones.
        let running = Context.current.suppressed.run {
            Task(executorPreference: executor) { outcome.set(await work()) }
        }
        task.withLock {
            assert($0 == nil, "A runner runs one piece of work at a time, on one thread.")
            $0 = running
        }
        var hasWaited = false
        defer {
            task.withLock { $0 = nil }
            // The signal may have been raised for new items or requests: the worker must look again.
            if hasWaited { wake.raise() }
        }
        var isCancelled = false
        var patience = deadline
        while true {
            executor.runPendingJobs()
            if let value = outcome.value { return value }
            if patience.hasPassed {
                if isCancelled {
                    reportOverrun()
                    patience = .never
                } else {
                    running.cancel()
                    isCancelled = true
                    patience = .after(Self.grace)
                }
                continue
            }
            // One export at a time: the worker waits for one that overruns its deadline, while the queue drops what exceeds it.
            hasWaited = true
            _ = wake.wait(until: patience)
        }
    }
}

/// Passes the result of a task to the thread that waits for it.
private final class Outcome<Value: Sendable>: Sendable {
    private let storage = Locked<Value?>(nil)

    var value: Value? { storage.withLock { $0 } }

    func set(_ value: Value) {
        storage.withLock { $0 = value }
    }
}

/// Runs tasks on the export worker's thread. Exports proceed even if every thread of the cooperative pool is blocked.
final class WorkerExecutor: TaskExecutor {
    private let jobs = Locked<[UnownedJob]>([])
    private let wake: WakeSignal

    init(wake: WakeSignal) {
        self.wake = wake
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        jobs.withLock { $0.append(job) }
        wake.raise()
    }

    /// Runs the jobs enqueued so far; must be called on the worker's thread.
    ///
    /// Jobs that these enqueue wait for the next call, so that code which yields without end is still cancelled at its deadline.
    func runPendingJobs() {
        let batch = jobs.withLock { jobs in
            defer { jobs.removeAll() }
            return jobs
        }
        for job in batch { job.runSynchronously(on: asUnownedTaskExecutor()) }
    }
}
