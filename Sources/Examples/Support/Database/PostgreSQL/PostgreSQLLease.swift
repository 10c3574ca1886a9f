// A connection to PostgreSQL in the hands of one transaction.

import Telemetry

typealias PostgreSQLJob = DatabaseJob<PostgreSQLLease>

/// A transaction, whose statements are executed on one connection.
///
/// `@unchecked`: what changes is touched on the loop's thread only.
final class PostgreSQLLease: DatabaseLease, @unchecked Sendable {
    let deadline: Deadline
    private let loop: EventLoop
    /// The connection, from the begin until the end.
    weak var connection: PostgreSQLConnection?
    /// Statements that wait for an earlier one.
    var pending: [PostgreSQLJob] = []
    private(set) var hasEnded = false

    init(_ loop: EventLoop, until deadline: Deadline) {
        self.loop = loop
        self.deadline = deadline
    }

    func rows(_ text: String, _ parameters: [DatabaseValue]) async throws(DatabaseError) -> [DatabaseRow] {
        try await answer(PostgreSQLJob(.statement(text, parameters), until: deadline))
    }

    func commit() async throws(DatabaseError) {
        _ = try await answer(PostgreSQLJob(.commit, until: deadline))
    }

    func rollBack() {
        loop.execute { [self] in
            guard !hasEnded else { return }
            end(.unavailable("the transaction has ended"))
            connection?.endTransaction()
        }
    }

    /// Refuses further statements. On the loop's thread only.
    func end(_ reason: DatabaseError) {
        loop.assertIsCurrent()
        hasEnded = true
        for job in pending { job.fail(reason) }
        pending = []
    }

    private func answer(_ job: PostgreSQLJob) async throws(DatabaseError) -> [DatabaseRow] {
        try await job.answer(
            submit: { job in
                if !loop.execute({ self.add(job) }) { job.fail(.unavailable("the database is closed")) }
            },
            cancel: { job in self.loop.execute { self.cancel(job) } })
    }

    private func add(_ job: PostgreSQLJob) {
        if job.isCancelled { return job.fail(.cancelled) }
        guard !hasEnded, let connection else { return job.fail(.unavailable("the transaction has ended")) }
        pending.append(job)
        connection.proceed()
    }

    private func cancel(_ job: PostgreSQLJob) {
        if let index = pending.firstIndex(where: { $0 === job }) {
            pending.remove(at: index).fail(.cancelled)
        } else {
            connection?.cancel(job)
        }
    }
}
