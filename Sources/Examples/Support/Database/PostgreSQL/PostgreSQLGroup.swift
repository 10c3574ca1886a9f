// Statements that PostgreSQL is sent at once and commits together.

import Telemetry

/// Executions of one statement for several callers, which share the round trip and the commit.
///
/// An error of one rolls all of them back: then that one is executed again alone, and the others are together.
struct PostgreSQLGroup {
    /// Statements that share a commit. The server executes them one after another: further ones gain more on another connection.
    static let maximumCount = 16

    let jobs: [PostgreSQLJob]
    private var answers: [[DatabaseRow]] = []
    private(set) var error: PostgreSQLError?

    init(_ jobs: [PostgreSQLJob]) {
        precondition(jobs.count > 1, "A group has several statements.")
        self.jobs = jobs
    }

    /// Whether all statements were executed.
    var isDone: Bool { error == nil && answers.count == jobs.count }

    mutating func add(_ rows: [DatabaseRow]) { answers.append(rows) }

    mutating func add(_ error: PostgreSQLError) {
        if self.error == nil { self.error = error }
    }

    /// The jobs that may be the cause of the error: one, or all if only their commit has failed.
    var suspects: ArraySlice<PostgreSQLJob> { answers.count < jobs.count ? jobs[answers.count...answers.count] : jobs[...] }

    /// Answers the callers after the commit.
    func finish() {
        for (job, rows) in zip(jobs, answers) { job.finish(.success(rows)) }
    }

    func fail(_ error: DatabaseError) {
        for job in jobs { job.fail(error) }
    }

    /// When the first caller has waited long enough; `never` if all have.
    func nextDeadline(after now: UInt64) -> UInt64 {
        jobs.lazy.map(\.deadline.nanoseconds).filter { $0 > now }.min() ?? .max
    }

    /// Answers callers that were cancelled or have waited long enough; returns whether all have been answered so.
    func failEnded(_ now: UInt64, _ error: DatabaseError) -> Bool {
        var isAbandoned = true
        for job in jobs {
            if job.isCancelled {
                job.fail(.cancelled)
            } else if job.deadline.nanoseconds <= now {
                job.fail(error)
            } else {
                isAbandoned = false
            }
        }
        return isAbandoned
    }
}
