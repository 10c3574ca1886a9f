// What a caller of flush or shutdown and the export worker have in common.

import Synchronization

/// One call of flush or shutdown that waits for the export worker.
final class FlushRequest: Sendable {
    let isShutdown: Bool
    let deadline: Deadline
    private let result = Mutex<FlushResult?>(nil)
    private let isDone = Semaphore()
    private let whenTimedOut: @Sendable () -> Void

    /// - Parameter whenTimedOut: called by who waits when the deadline came first.
    init(isShutdown: Bool, deadline: Deadline, whenTimedOut: @escaping @Sendable () -> Void = {}) {
        self.isShutdown = isShutdown
        self.deadline = deadline
        self.whenTimedOut = whenTimedOut
    }

    /// Runs asynchronous code on a thread of its own: the cooperative pool may be blocked to its last thread.
    static func running(
        isShutdown: Bool, deadline: Deadline, _ work: @escaping @Sendable () async -> FlushResult
    ) -> FlushRequest {
        let request = FlushRequest(isShutdown: isShutdown, deadline: deadline)
        let isStarted = WorkerThread.start(named: "telemetry-flush") {
            request.complete(ExportRunner(wake: WakeSignal()).run(until: deadline, work))
        }
        if !isStarted { request.complete(.failed) }
        return request
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
        if let result = result.withLock({ $0 }) { return result }
        whenTimedOut()
        return .timedOut
    }
}

extension [FlushRequest] {
    /// The worst of the results, or `timedOut` when a deadline comes first.
    ///
    /// Waits on a thread of its own: the caller's pool may be blocked to its last thread, and a deadline is a deadline.
    func waitWithoutBlocking() async -> FlushResult {
        guard !isEmpty else { return .completed }
        return await withCheckedContinuation { continuation in
            let isStarted = WorkerThread.start(named: "telemetry-wait") { continuation.resume(returning: wait()) }
            if !isStarted { continuation.resume(returning: wait()) }
        }
    }

    private func wait() -> FlushResult { reduce(.completed) { $0.combined(with: $1.wait()) } }
}
