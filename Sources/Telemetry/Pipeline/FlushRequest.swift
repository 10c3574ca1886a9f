// What a caller of flush or shutdown and the export worker have in common.

import Synchronization

/// One call of flush or shutdown that waits for the export worker.
final class FlushRequest: Sendable {
    let isShutdown: Bool
    let deadline: Deadline
    private let result = Mutex<FlushResult?>(nil)
    private let isDone = Semaphore()
    private let halfTime: Deadline
    private let atHalfTime: @Sendable () -> Void
    private let whenTimedOut: @Sendable () -> Void

    /// - Parameters:
    ///   - atHalfTime: called by who waits when there is no result after half of the time.
    ///   - whenTimedOut: called by who waits when the deadline came first.
    init(
        isShutdown: Bool, deadline: Deadline, atHalfTime: @escaping @Sendable () -> Void = {},
        whenTimedOut: @escaping @Sendable () -> Void = {}
    ) {
        self.isShutdown = isShutdown
        self.deadline = deadline
        halfTime = .after(deadline.remaining / 2)
        self.atHalfTime = atHalfTime
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

    /// Waits until there is a result or half of the time is over.
    func waitForHalfTime() {
        // What is done stays done for those who wait next.
        if isDone.wait(until: halfTime) { isDone.post() } else { atHalfTime() }
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

    /// The worst of the results, or `timedOut` when a deadline comes first; blocks the caller's thread until then.
    func wait() -> FlushResult {
        // Half of the time is over for all at once: one after another is quick enough.
        for request in self { request.waitForHalfTime() }
        return reduce(.completed) { $0.combined(with: $1.wait()) }
    }
}
