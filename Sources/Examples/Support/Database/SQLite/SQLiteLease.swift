// The writer's connection in the hands of one transaction.

import Telemetry

/// A transaction, whose statements the writer takes from a queue of its own until it has ended.
final class SQLiteLease: DatabaseLease {
    let queue = SQLiteQueue(capacity: 64)
    let deadline: Deadline

    init(until deadline: Deadline) {
        self.deadline = deadline
    }

    func rows(_ text: String, _ parameters: [DatabaseValue]) async throws(DatabaseError) -> [DatabaseRow] {
        try await SQLiteJob(.statement(text, parameters), until: deadline).answer(from: queue)
    }

    func commit() async throws(DatabaseError) {
        _ = try await SQLiteJob(.commit, until: deadline).answer(from: queue)
    }

    func rollBack() async {
        // The writer rolls back when the queue is closed; a new transaction waits for that.
        queue.close()
    }
}
