// A thread that reads from an SQLite file.

import Telemetry

/// Executes statements that only read, on a connection that cannot write.
///
/// `@unchecked`: the connection is used on the reader's thread only.
final class SQLiteReader: @unchecked Sendable {
    private let connection: SQLiteConnection
    private let routes: SQLiteRoutes
    private let pool: DatabasePool

    init(_ connection: SQLiteConnection, _ routes: SQLiteRoutes, _ pool: DatabasePool) {
        self.connection = connection
        self.routes = routes
        self.pool = pool
    }

    /// Works until the queue is closed and empty.
    func run() {
        while let job = routes.reads.take()?.first {
            guard job.isTimely(pool) else { continue }
            let start = ContinuousClock.now
            pool.requestServed(since: job.submitted)
            execute(job)
            pool.connectionReturned(since: start)
        }
        connection.close()
    }

    private func execute(_ job: SQLiteJob) {
        guard case .statement(let text, let parameters) = job.work else { preconditionFailure("Readers get statements only.") }
        do throws(SQLiteError) {
            guard try connection.statement(text).isReadOnly else { return routes.redirect(job, text) }
            job.finish(.success(try connection.rows(text, parameters, until: job.deadline) { job.isCancelled }))
        } catch {
            job.fail(job.isCancelled ? .cancelled : error.databaseError)
        }
    }
}

extension DatabaseJob {
    /// Answers a job that has waited for its connection until its deadline; returns whether there is time left.
    func isTimely(_ pool: DatabasePool) -> Bool {
        guard deadline.hasPassed else { return true }
        pool.requestFailed(timedOut: true)
        fail(.unavailable("no connection was free in time"))
        return false
    }
}
