// The writer's connection in the hands of one transaction.

import Telemetry

/// A transaction, whose statements the writer takes from a queue of its own until it has ended.
final class SQLiteLease: DatabaseLease {
    let queue = SQLiteQueue(capacity: 64, closedReason: "the transaction has ended")
    let deadline: Deadline

    init(until deadline: Deadline) {
        self.deadline = deadline
    }

    func rows(_ text: String, _ parameters: [DatabaseValue]) async throws(DatabaseError) -> [DatabaseRow] {
        try await queue.answer(SQLiteJob(.statement(text, parameters), until: deadline))
    }

    func commit() async throws(DatabaseError) {
        _ = try await queue.answer(SQLiteJob(.commit, until: deadline))
    }

    /// The writer rolls back when the queue is closed.
    func rollBack() { queue.close() }
}
