// The jobs that wait for a thread.

import Synchronization
import Telemetry

/// A bounded queue of jobs, in order.
final class SQLiteQueue: Sendable {
    private struct State {
        var jobs: [SQLiteJob] = []
        var isClosed = false
    }

    private let capacity: Int
    private let state = Mutex(State())
    private let arrivals = Semaphore()

    init(capacity: Int) {
        self.capacity = capacity
    }

    var count: Int { state.withLock { $0.jobs.count } }

    /// Adds a job; returns why it is refused, if it is.
    func add(_ job: SQLiteJob) -> DatabaseError? {
        let refusal: DatabaseError? = state.withLock { state in
            // Under the lock, so that a cancellation finds the job in the queue or is found here.
            if job.isCancelled { return .cancelled }
            if state.isClosed { return .unavailable("the database is closed, or the transaction has ended") }
            if state.jobs.count >= capacity { return .unavailable("\(capacity) statements wait for the database already") }
            state.jobs.append(job)
            return nil
        }
        if refusal == nil { arrivals.post() }
        return refusal
    }

    /// Removes a job that has not been taken; returns whether it was there.
    func remove(_ job: SQLiteJob) -> Bool {
        state.withLock { state in
            guard let index = state.jobs.firstIndex(where: { $0 === job }) else { return false }
            state.jobs.remove(at: index)
            return true
        }
    }

    /// Removes and returns the jobs whose deadline has passed.
    func takeExpired() -> [SQLiteJob] {
        state.withLock { state in
            let expired = state.jobs.filter(\.deadline.hasPassed)
            if !expired.isEmpty { state.jobs.removeAll { job in expired.contains { $0 === job } } }
            return expired
        }
    }

    /// Waits for jobs and takes as many from the head as the closure accepts, at least one; nil if the queue is closed and empty, or if
    /// the deadline has passed.
    func take(atMost maximum: Int = 1, until deadline: Deadline = .never, while accepts: (SQLiteJob) -> Bool = { _ in false })
        -> [SQLiteJob]?
    {
        while true {
            let taken: [SQLiteJob]? = state.withLock { state in
                guard !state.jobs.isEmpty else { return state.isClosed ? nil : [] }
                var count = 1
                if accepts(state.jobs[0]) {
                    while count < min(maximum, state.jobs.count), accepts(state.jobs[count]) { count += 1 }
                }
                defer { state.jobs.removeFirst(count) }
                return Array(state.jobs.prefix(count))
            }
            guard let taken else { return nil }
            if !taken.isEmpty { return taken }
            if !arrivals.wait(until: deadline) { return nil }
        }
    }

    /// Refuses further jobs. A thread that waits in `take` ends when the queue is empty.
    func close() {
        state.withLock { $0.isClosed = true }
        // One for each thread; a post too many is a look at an empty queue.
        for _ in 0..<16 { arrivals.post() }
    }
}
