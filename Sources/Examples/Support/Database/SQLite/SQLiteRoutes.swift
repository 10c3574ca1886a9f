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

    /// Returns the queue for a statement. One that is not known goes to the readers, who find out what it does.
    func queue(for text: String) -> SQLiteQueue {
        writing.withLock { $0.contains(text) } ? writes : reads
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
