// Runs the asynchronous code of exporters on the export worker's own thread.

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
