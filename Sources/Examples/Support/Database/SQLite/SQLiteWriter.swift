// The one thread that writes to an SQLite file.

import Telemetry

/// Executes writes: those of many callers in one transaction, so that they share the wait for the disk.
///
/// A file that could not be written is opened anew from time to time: SQLite's connection stays as it was opened.
///
/// `@unchecked`: what changes is used on the writer's thread only.
final class SQLiteWriter: @unchecked Sendable {
    /// Statements that share a commit.
    private static let maximumBatch = 256
    /// How often a transaction looks, between its statements, for waiting jobs whose own time is over.
    private static let lookInterval = Duration.milliseconds(20)

    private var connection: SQLiteConnection
    private let reopen: @Sendable () throws(SQLiteError) -> SQLiteConnection
    private let reopenInterval: Duration
    private var wasReadOnly = false
    private var reopensFrom = Deadline(nanoseconds: 0)
    private var looksFrom = Deadline(nanoseconds: 0)
    private let queue: SQLiteQueue
    private let pool: DatabasePool

    init(
        _ connection: SQLiteConnection, _ queue: SQLiteQueue, _ pool: DatabasePool, reopenInterval: Duration = .seconds(1),
        reopen: @escaping @Sendable () throws(SQLiteError) -> SQLiteConnection
    ) {
        self.connection = connection
        self.reopen = reopen
        self.reopenInterval = reopenInterval
        self.queue = queue
        self.pool = pool
    }

    /// Works until the queue is closed and empty.
    func run() {
        while let jobs = queue.take(atMost: Self.maximumBatch) {
            let timely = jobs.filter { $0.isTimely(pool) }
            guard let first = timely.first else { continue }
            let start = ContinuousClock.now
            for _ in timely.dropFirst() { pool.requestJoined() }
            pool.requestServed(since: first.submitted)
            if case .begin(let lease) = first.work { serve(lease, first) } else { write(timely) }
            pool.connectionReturned(since: start)
        }
        connection.close()
    }

    /// Executes statements in one transaction and answers them after its commit.
    ///
    /// An error of one statement is its own; the others are committed without it.
    private func write(_ jobs: [SQLiteJob]) {
        var jobs = jobs
        while !jobs.isEmpty {
            if let error = begin(until: jobs.map(\.deadline).min() ?? .never) {
                // When another process holds the lock, the deadline of one has passed, and the others may have time left.
                let failed = error.isBusy ? jobs.filter(\.deadline.hasPassed) : jobs
                jobs.removeAll { job in failed.contains { $0 === job } }
                for job in failed { job.fail(error.databaseError) }
                continue
            }
            var answers: [SQLiteJob.Answer] = []
            for job in jobs {
                answers.append(execute(job))
                if connection.isInAutocommit { break }
            }
            if connection.isInAutocommit {
                // SQLite has rolled everything back because of the last statement. It alone has failed; the others are executed again.
                jobs.remove(at: answers.count - 1).finish(answers[answers.count - 1].orFailure)
                continue
            }
            guard let error = commit() else {
                for (job, answer) in zip(jobs, answers) { job.finish(answer) }
                return
            }
            rollBack()
            if jobs.count == 1 { return jobs[0].fail(error.databaseError) }
            // One of them keeps the others from being committed. Alone, each gets its own answer.
            for job in jobs { write([job]) }
            return
        }
    }

    private static let lateness = DatabaseError.unavailable("the transaction took too long")

    /// Waits for the next job of a transaction; nil if it has ended, or its deadline has passed.
    private func nextJob(of lease: SQLiteLease) -> SQLiteJob? {
        while true {
            if looksFrom.hasPassed {
                queue.refuseLateJobs(pool)
                looksFrom = .after(Self.lookInterval)
            }
            if let jobs = lease.queue.take(until: min(lease.deadline, looksFrom)) { return jobs.first }
            if lease.queue.isClosed || lease.deadline.hasPassed { return nil }
        }
    }

    /// Executes the statements of one transaction until its end.
    private func serve(_ lease: SQLiteLease, _ beginning: SQLiteJob) {
        if let error = begin(until: lease.deadline) { return beginning.fail(error.databaseError) }
        beginning.finish(.success([]))
        while let job = nextJob(of: lease) {
            // A job may come before this thread wakes at the deadline.
            if lease.deadline.hasPassed {
                job.fail(Self.lateness)
                break
            }
            if connection.isInAutocommit {
                job.fail(.unavailable("the transaction was rolled back"))
            } else if job.isStatement {
                job.finish(execute(job, stopsWhenCancelled: true))
            } else {
                lease.queue.close()
                let error = commit()
                rollBack()
                job.finish(error.map { .failure($0.databaseError) } ?? .success([]))
            }
        }
        lease.queue.close()
        rollBack()
        while let late = lease.queue.take()?.first { late.fail(Self.lateness) }
    }

    /// - Parameter stopsWhenCancelled: false where others would have to be executed again because of it.
    private func execute(_ job: SQLiteJob, stopsWhenCancelled: Bool = false) -> SQLiteJob.Answer {
        guard case .statement(let text, let parameters) = job.work else { preconditionFailure("Only statements are executed.") }
        do throws(SQLiteError) {
            return .success(
                try connection.rows(text, parameters, until: job.deadline) { stopsWhenCancelled && job.isCancelled })
        } catch {
            _ = noted(error)
            return .failure(stopsWhenCancelled && job.isCancelled ? .cancelled : error.databaseError)
        }
    }

    private func begin(until deadline: Deadline) -> SQLiteError? {
        if wasReadOnly, reopensFrom.hasPassed {
            reopensFrom = .after(reopenInterval)
            replaceConnection()
        }
        let error = connection.retryWhileBusy(until: deadline) { () throws(SQLiteError) in
            do throws(SQLiteError) { try connection.run("BEGIN IMMEDIATE") } catch {
                queue.refuseLateJobs(pool)
                throw error
            }
        }
        return noted(error)
    }

    /// Opens the file anew; where that fails, the old connection stays.
    private func replaceConnection() {
        let start = ContinuousClock.now
        guard let fresh = try? reopen() else { return }
        pool.connectionOpened(in: start.duration(to: .now))
        connection.close()
        pool.connectionClosed()
        connection = fresh
        wasReadOnly = false
    }

    /// Keeps in mind that the connection cannot write: a transaction may have begun all the same, and its first write be refused.
    private func noted(_ error: SQLiteError?) -> SQLiteError? {
        if error?.isReadOnly == true { wasReadOnly = true }
        return error
    }

    private func commit() -> SQLiteError? {
        noted(connection.retryWhileBusy(until: .after(.seconds(1))) { () throws(SQLiteError) in try connection.run("COMMIT") })
    }

    private func rollBack() {
        if !connection.isInAutocommit { try? connection.run("ROLLBACK") }
    }
}

extension Result<[DatabaseRow], DatabaseError> {
    /// The failure; a statement that has succeeded and ended the transaction is none that may be answered with success.
    fileprivate var orFailure: Self {
        if case .failure = self { return self }
        return .failure(.statement(code: "21", "a statement ended the transaction that it shared with others"))
    }
}
