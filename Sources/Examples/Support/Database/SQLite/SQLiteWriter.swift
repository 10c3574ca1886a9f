// The one thread that writes to an SQLite file.

import Telemetry

/// Executes writes: those of many callers in one transaction, so that they share the wait for the disk.
///
/// `@unchecked`: the connection is used on the writer's thread only.
final class SQLiteWriter: @unchecked Sendable {
    /// Statements that share a commit.
    private static let maximumBatch = 256

    let queue: SQLiteQueue
    private let connection: SQLiteConnection

    init(_ connection: SQLiteConnection, queue: SQLiteQueue) {
        self.connection = connection
        self.queue = queue
    }

    /// Works until the queue is closed and empty.
    func run() {
        while let jobs = queue.take(atMost: Self.maximumBatch, while: \.isStatement) {
            if case .begin(let lease) = jobs[0].work { serve(lease, jobs[0]) } else { writeTogether(jobs) }
        }
    }

    /// Executes statements in one transaction and answers them after its commit.
    ///
    /// An error of one statement is its own; the others are committed without it.
    private func writeTogether(_ jobs: [SQLiteJob]) {
        var open = jobs
        while !open.isEmpty {
            if let error = begin(until: open.map(\.deadline).min() ?? .never) {
                // The deadline of one has passed; the others may have time left.
                for job in open where !error.isBusy || job.deadline.hasPassed { job.finish(.failure(error.databaseError)) }
                open = error.isBusy ? open.filter { !$0.deadline.hasPassed } : []
                continue
            }
            var answers: [SQLiteJob.Answer] = []
            for job in open where connection.isInAutocommit == false { answers.append(execute(job)) }
            if connection.isInAutocommit {
                // SQLite has rolled everything back because of the last statement: it alone has failed, the others are done again.
                open.remove(at: answers.count - 1).finish(answers[answers.count - 1])
                continue
            }
            guard let error = commit() else {
                for (job, answer) in zip(open, answers) { job.finish(answer) }
                return
            }
            rollBack()
            if open.count == 1 { return open[0].finish(.failure(error.databaseError)) }
            // One of them cannot be committed. Each for itself gets its own answer.
            for job in open { writeTogether([job]) }
            return
        }
    }

    private func serve(_ lease: SQLiteLease, _ job: SQLiteJob) {
        if let error = begin(until: lease.deadline) { return job.finish(.failure(error.databaseError)) }
        job.finish(.success([]))
        while let command = lease.queue.take(until: lease.deadline)?.first {
            switch command.work {
            case .statement:
                command.finish(
                    connection.isInAutocommit
                        ? .failure(.unavailable("the transaction was rolled back")) : execute(command, interruptible: true))
            case .commit:
                lease.queue.close()
                if connection.isInAutocommit { return command.finish(.failure(.unavailable("the transaction was rolled back"))) }
                let error = commit()
                if error != nil { rollBack() }
                return command.finish(error.map { .failure($0.databaseError) } ?? .success([]))
            case .begin, .rollBack: preconditionFailure("A transaction has statements and one end.")
            }
        }
        lease.queue.close()
        rollBack()
        while let late = lease.queue.take()?.first { late.finish(.failure(.unavailable("the transaction took too long"))) }
    }

    private func execute(_ job: SQLiteJob, interruptible: Bool = false) -> SQLiteJob.Answer {
        guard case .statement(let text, let parameters) = job.work else { preconditionFailure("Only statements are executed.") }
        do throws(SQLiteError) {
            return .success(
                try connection.rows(text, parameters, until: job.deadline, interruptedWith: interruptible ? job : nil))
        } catch {
            return .failure(interruptible && job.isCancelled ? .cancelled : error.databaseError)
        }
    }

    private func begin(until deadline: Deadline) -> SQLiteError? { retryWhileBusy("BEGIN IMMEDIATE", until: deadline) }

    private func commit() -> SQLiteError? { retryWhileBusy("COMMIT", until: .after(.seconds(1))) }

    /// SQLite itself waits for other connections in short steps, so that the deadline is kept.
    private func retryWhileBusy(_ text: String, until deadline: Deadline) -> SQLiteError? {
        while true {
            do throws(SQLiteError) {
                try connection.run(text)
                return nil
            } catch {
                if !error.isBusy || deadline.hasPassed { return error }
            }
        }
    }

    private func rollBack() {
        if !connection.isInAutocommit { try? connection.run("ROLLBACK") }
    }
}

extension SQLiteJob {
    fileprivate var isStatement: Bool {
        if case .statement = work { true } else { false }
    }
}
