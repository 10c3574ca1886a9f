// What a caller of flush or shutdown and the export worker have in common.

import Synchronization

/// One call of flush or shutdown that waits for the export worker.
final class FlushRequest: Sendable {
    let isShutdown: Bool
    let deadline: Deadline
    private let result = Mutex<FlushResult?>(nil)
    private let isDone = Semaphore()

    init(isShutdown: Bool, deadline: Deadline) {
        self.isShutdown = isShutdown
        self.deadline = deadline
    }

    func complete(_ outcome: FlushResult) {
        let isFirst = result.withLock { result in
            guard result == nil else { return false }
            result = outcome
            return true
        }
        if isFirst { isDone.post() }
    }

    /// The result, or `timedOut` when the deadline comes first.
    func wait() -> FlushResult {
        _ = isDone.wait(until: deadline)
        return result.withLock { $0 } ?? .timedOut
    }

    /// Waits on a thread of its own: the caller's pool may be blocked to its last thread, and a deadline is a deadline.
    func waitWithoutBlocking() async -> FlushResult {
        await withCheckedContinuation { continuation in
            let isStarted = WorkerThread.start(named: "telemetry-wait") { continuation.resume(returning: self.wait()) }
            if !isStarted { continuation.resume(returning: wait()) }
        }
    }
}
