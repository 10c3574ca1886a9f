// The jobs that wait for a thread.

import Synchronization
import Telemetry

typealias SQLiteJob = DatabaseJob<SQLiteLease>

/// A bounded queue of jobs, in order.
final class SQLiteQueue: Sendable {
    private struct State {
        var jobs: [SQLiteJob] = []
        var isClosed = false
    }

    private let capacity: Int
    /// Threads that take jobs.
    private let takers: Int
    /// Why a closed queue refuses jobs.
    private let closedReason: String
    /// Counts the requests for a connection; nil where the queue belongs to a connection.
    private let pool: DatabasePool?
    private let state = Mutex(State())
    private let arrivals = Semaphore()

    init(capacity: Int, takers: Int = 1, closedReason: String, pool: DatabasePool? = nil) {
        self.capacity = capacity
        self.takers = takers
        self.closedReason = closedReason
        self.pool = pool
    }

    /// Adds a job, or answers it with the reason why it is refused.
    func add(_ job: SQLiteJob) {
        let refusal: DatabaseError? = state.withLock { state in
            // Under the lock, so that a cancellation finds the job in the queue or is found here.
            if job.isCancelled { return .cancelled }
            if state.isClosed { return .unavailable(closedReason) }
            if state.jobs.count >= capacity { return .unavailable("\(capacity) statements wait for the database already") }
            state.jobs.append(job)
            pool?.requestArrived()
            return nil
        }
        if let refusal { job.fail(refusal) } else { arrivals.post() }
    }

    /// Waits for jobs and takes as many statements as there are at the head, or one job of another kind.
    ///
    /// - Returns: nil if the queue is closed and empty, or if the deadline has passed.
    func take(atMost maximum: Int = 1, until deadline: Deadline = .never) -> [SQLiteJob]? {
        while true {
            let taken: [SQLiteJob]? = state.withLock { state in
                guard let first = state.jobs.first else { return state.isClosed ? nil : [] }
                let statements = state.jobs.prefix(first.isStatement ? maximum : 1).prefix(while: \.isStatement).count
                let taken = Array(state.jobs.prefix(max(1, statements)))
                state.jobs.removeFirst(taken.count)
                return taken
            }
            guard let taken else { return nil }
            if !taken.isEmpty { return taken }
            if !arrivals.wait(until: deadline) { return nil }
        }
    }

    /// Answers the jobs whose time is over, while the thread that takes jobs is busy with another one.
    func refuseLateJobs(_ pool: DatabasePool) {
        let now = Deadline.after(.zero)
        let late = state.withLock { state in
            // Most looks find none.
            guard state.jobs.contains(where: { $0.deadline < now }) else { return [SQLiteJob]() }
            defer { state.jobs.removeAll { $0.deadline < now } }
            return state.jobs.filter { $0.deadline < now }
        }
        for job in late { _ = job.isTimely(pool) }
    }

    var isClosed: Bool { state.withLock { $0.isClosed } }

    /// Refuses further jobs. A thread that waits in `take` gets nil when the queue is empty.
    func close() {
        state.withLock { $0.isClosed = true }
        for _ in 0..<takers { arrivals.post() }
    }

    /// Removes a job that has not been taken, and answers it; does nothing if it is not there.
    func cancel(_ job: SQLiteJob) {
        let isRemoved = state.withLock { state in
            guard let index = state.jobs.firstIndex(where: { $0 === job }) else { return false }
            state.jobs.remove(at: index)
            pool?.requestFailed(timedOut: false)
            return true
        }
        if isRemoved { job.fail(.cancelled) }
    }
}
