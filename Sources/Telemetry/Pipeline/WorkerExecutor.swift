// Runs the asynchronous code of exporters on the export worker's own thread.

import Synchronization

/// Runs tasks on the export worker's thread, so that exporting goes on when every thread of the cooperative pool is blocked.
final class WorkerExecutor: TaskExecutor {
    private let jobs = Mutex<[UnownedJob]>([])
    private let wake: WakeSignal

    init(wake: WakeSignal) {
        self.wake = wake
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        jobs.withLock { $0.append(job) }
        wake.raise()
    }

    /// Runs what has been enqueued; call it on the worker's thread only.
    func runPendingJobs() {
        while true {
            let batch = jobs.withLock { jobs in
                let batch = jobs
                jobs.removeAll()
                return batch
            }
            if batch.isEmpty { return }
            for job in batch { job.runSynchronously(on: asUnownedTaskExecutor()) }
        }
    }
}
