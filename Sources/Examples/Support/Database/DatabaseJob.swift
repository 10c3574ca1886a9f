// A statement on its way from the task that needs it to the thread that executes it.

import Synchronization
import Telemetry

/// One statement, or the begin or end of a transaction, whose caller waits for the answer.
final class DatabaseJob<Lease: Sendable>: Sendable {
    enum Work: Sendable {
        case statement(String, [DatabaseValue])
        case begin(Lease)
        case commit
    }

    typealias Answer = Result<[DatabaseRow], DatabaseError>

    let work: Work
    let deadline: Deadline
    // Relaxed: it is cleared on the thread that reads it.
    private let sharing: Atomic<Bool>
    /// When the caller began to wait.
    let submitted = ContinuousClock.now
    private let continuation = Mutex<CheckedContinuation<Answer, Never>?>(nil)
    // Relaxed: whether the job still waits is decided under the lock of its queue, or on the thread of its connection.
    private let cancelled = Atomic(false)

    init(_ work: Work, sharesRoundTrip: Bool = false, until deadline: Deadline) {
        self.work = work
        self.deadline = deadline
        sharing = Atomic(sharesRoundTrip)
    }

    /// Whether it may be sent and committed together with other executions of its statement.
    var sharesRoundTrip: Bool { sharing.load(ordering: .relaxed) }

    /// Has the job executed alone from now on.
    func executeAlone() { sharing.store(false, ordering: .relaxed) }

    var isCancelled: Bool { cancelled.load(ordering: .relaxed) }

    var isStatement: Bool {
        if case .statement = work { true } else { false }
    }

    /// Answers the caller; only the first answer counts.
    func finish(_ answer: Answer) {
        let waiting = continuation.withLock { continuation in
            defer { continuation = nil }
            return continuation
        }
        waiting?.resume(returning: answer)
    }

    func fail(_ error: DatabaseError) { finish(.failure(error)) }

    /// Submits the job and waits for its answer.
    ///
    /// - Parameter cancel: called when the task is cancelled, with the job marked as cancelled.
    func answer(
        submit: (DatabaseJob) -> Void, cancel: @escaping @Sendable (DatabaseJob) -> Void
    ) async throws(DatabaseError) -> [DatabaseRow] {
        let answer = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                self.continuation.withLock { $0 = continuation }
                submit(self)
            }
        } onCancel: {
            cancelled.store(true, ordering: .relaxed)
            cancel(self)
        }
        return try answer.get()
    }
}
