// Which of SQLite's threads a statement goes to.

import Synchronization
import Telemetry

/// The queues of the readers and of the writer, and the knowledge which statements write.
final class SQLiteRoutes: Sendable {
    let reads: SQLiteQueue
    let writes: SQLiteQueue
    /// The statements that write, by their text, as far as they have been seen.
    private let writing = Mutex<Set<String>>([])

    init(_ pool: DatabasePool, readers: Int) {
        let reason = "the database is closed"
        reads = SQLiteQueue(capacity: DatabaseLimit.waitingStatements, takers: readers, closedReason: reason, pool: pool)
        writes = SQLiteQueue(capacity: DatabaseLimit.waitingStatements, closedReason: reason, pool: pool)
    }

    /// Executes a statement. A statement executed for the first time goes to a reader, which finds out whether it writes.
    func rows(_ text: String, _ parameters: [DatabaseValue], until deadline: Deadline) async throws(DatabaseError) -> [DatabaseRow] {
        let queue = writing.withLock { $0.contains(text) } ? writes : reads
        return try await SQLiteJob(.statement(text, parameters), until: deadline).answer(
            submit: { queue.add($0) },
            cancel: { [reads, writes] job in
                // A job on its way from one queue to the other is refused when it arrives.
                reads.cancel(job)
                writes.cancel(job)
            })
    }

    func begin(_ lease: SQLiteLease) async throws(DatabaseError) {
        _ = try await SQLiteJob(.begin(lease), until: lease.deadline).answer(
            submit: { writes.add($0) }, cancel: { [writes] in writes.cancel($0) })
    }

    /// Passes a statement that writes from a reader to the writer.
    func redirect(_ job: SQLiteJob, _ text: String) {
        writing.withLock { seen in
            if seen.count >= DatabaseLimit.preparedStatements { seen = [] }
            seen.insert(text)
        }
        writes.add(job)
    }

    func close() {
        reads.close()
        writes.close()
    }
}
