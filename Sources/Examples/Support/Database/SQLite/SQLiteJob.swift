// A statement on its way to the thread that executes it.

import Synchronization
import Telemetry

/// One statement, or the begin or end of a transaction, whose caller waits for the answer.
final class SQLiteJob: Sendable {
    enum Work: Sendable {
        case statement(String, [DatabaseValue])
        case begin(SQLiteLease)
        case commit
        case rollBack
    }

    typealias Answer = Result<[DatabaseRow], DatabaseError>

    let work: Work
    let deadline: Deadline
    private let continuation = Mutex<CheckedContinuation<Answer, Never>?>(nil)
    // Relaxed: it only shortens work whose answer is of no interest.
    private let cancelled = Atomic(false)

    init(_ work: Work, until deadline: Deadline) {
        self.work = work
        self.deadline = deadline
    }

    var isCancelled: Bool { cancelled.load(ordering: .relaxed) }

    /// Answers the caller; only the first answer counts.
    func finish(_ answer: Answer) {
        let waiting = continuation.withLock { continuation in
            defer { continuation = nil }
            return continuation
        }
        waiting?.resume(returning: answer)
    }

    /// Waits in the queue and for the work; a cancelled task leaves the queue at once.
    func answer(from queue: SQLiteQueue) async throws(DatabaseError) -> [DatabaseRow] {
        let answer = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                self.continuation.withLock { $0 = continuation }
                if let refusal = queue.add(self) { finish(.failure(refusal)) }
            }
        } onCancel: {
            cancelled.store(true, ordering: .relaxed)
            if queue.remove(self) { finish(.failure(.cancelled)) }
        }
        return try answer.get()
    }
}
