// The jobs in the memory of the process.

import ExampleSupport
import Synchronization

/// Jobs that last as long as the process, which finishes them before it stops.
final class MemoryJobs: AlbumJobs {
    private struct State {
        var jobs: [UUID: AlbumJob] = [:]
        var queued: [UUID] = []
        var finished: [UUID] = []
    }

    let isShared = false
    private let shelf: any AlbumShelf
    private let limits: JobLimits
    private let state = Mutex(State())

    init(_ shelf: any AlbumShelf, _ limits: JobLimits = JobLimits()) {
        self.shelf = shelf
        self.limits = limits
    }

    func enqueue(_ job: AlbumJob) -> Bool {
        state.withLock { state in
            guard state.queued.count < limits.queue else { return false }
            state.jobs[job.id] = job
            state.queued.append(job.id)
            return true
        }
    }

    func job(_ id: UUID) -> AlbumJob? { state.withLock { $0.jobs[id] } }

    func claim() -> AlbumJob? {
        state.withLock { state in
            guard !state.queued.isEmpty else { return nil }
            let id = state.queued.removeFirst()
            state.jobs[id]?.status = .running
            return state.jobs[id]
        }
    }

    func execute(_ job: AlbumJob) async throws(DatabaseError) -> AlbumJob.Status? {
        let status: AlbumJob.Status = try await shelf.add(job.album) ? .done : .failed
        state.withLock { state in
            state.jobs[job.id]?.status = status
            state.finished.append(job.id)
            if state.finished.count > limits.history { state.jobs[state.finished.removeFirst()] = nil }
        }
        return status
    }
}
