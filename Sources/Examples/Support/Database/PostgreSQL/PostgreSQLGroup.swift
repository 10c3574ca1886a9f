// Statements that PostgreSQL is sent at once and commits together.

import Telemetry

/// Executions of one statement for several callers, which share the round trip and the commit.
///
/// An error of one rolls all of them back: then each is executed again alone, and has its own answer.
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

    /// Answers the callers who have waited long enough; returns whether all have.
    func failLate(_ now: UInt64, _ error: DatabaseError) -> Bool {
        let late = jobs.filter { $0.deadline.nanoseconds <= now }
        for job in late { job.fail(error) }
        return late.count == jobs.count
    }
}
