// Runs asynchronous code of exporters to its end on one thread, and cancels it at its deadline.

/// Runs the asynchronous code of a destination to its end on the thread that calls ``run(until:_:)``.
final class ExportRunner: Sendable {
    private let executor: WorkerExecutor
    private let wake: WakeSignal
    private let task = Locked<Task<Void, Never>?>(nil)

    /// - Parameter wake: what the thread waits for; it is raised again when something else than the code has raised it.
    init(wake: WakeSignal) {
        self.wake = wake
        executor = WorkerExecutor(wake: wake)
    }

    /// Runs what code that has already returned has left behind.
    func runPendingJobs() { executor.runPendingJobs() }

    /// Cancels what is running, on any thread.
    func cancel() { task.withLock { $0 }?.cancel() }

    /// How long work that was cancelled may take to end before it is said that it does not.
    private static let grace = Duration.milliseconds(250)

    /// Runs the work to its end on this thread; cancels it when the deadline passes.
    ///
    /// - Parameter reportOverrun: called when the work goes on although it was cancelled.
    func run<Value: Sendable>(
        until deadline: Deadline, reportOverrun: () -> Void = {}, _ work: @escaping @Sendable () async -> Value
    ) -> Value {
        let outcome = Outcome<Value>()
        // Suppressed, so that an instrumented client in there does not make new items of delivering the old ones.
        let running = Context.current.suppressed.run {
            Task(executorPreference: executor) { outcome.set(await work()) }
        }
        task.withLock { $0 = running }
        var hasWaited = false
        defer {
            task.withLock { $0 = nil }
            // What was raised for new items or requests was taken for the task's here: look again.
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
            // One export at a time: one that overruns its deadline is waited for, while the queue drops what it must.
            hasWaited = true
            _ = wake.wait(until: patience)
        }
    }
}

/// Takes the result of a task to the thread that waits for it.
private final class Outcome<Value: Sendable>: Sendable {
    private let storage = Locked<Value?>(nil)

    var value: Value? { storage.withLock { $0 } }

    func set(_ value: Value) {
        storage.withLock { $0 = value }
    }
}

/// Runs tasks on the export worker's thread, so that exporting goes on when every thread of the cooperative pool is blocked.
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

    /// Runs what has been enqueued so far; call it on the worker's thread only.
    ///
    /// What these jobs enqueue waits for the next call, so that code which yields without end is still cancelled at its deadline.
    func runPendingJobs() {
        let batch = jobs.withLock { jobs in
            defer { jobs.removeAll() }
            return jobs
        }
        for job in batch { job.runSynchronously(on: asUnownedTaskExecutor()) }
    }
}
