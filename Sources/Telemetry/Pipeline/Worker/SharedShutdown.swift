// Lets the first shutdown do the work, and every later request wait for its answer.

/// Lets the first shutdown do the work; every later request waits for it, within a deadline of its own, and gets its answer.
final class SharedShutdown: Sendable {
    private let first = Locked<FlushRequest?>(nil)

    /// The requests of a shutdown: those that `start` begins for the first caller, and one that follows them for all others.
    func begin(_ deadline: Deadline, _ start: () -> [FlushRequest]) -> [FlushRequest] {
        let whole = FlushRequest(isShutdown: true, deadline: deadline)
        let running = first.withLock { first in
            let running = first ?? whole
            first = running
            return running
        }
        guard running === whole else { return [running.follower(isShutdown: true, deadline: deadline)] }
        let parts = start()
        parts.whenAnswered { whole.complete($0) }
        return parts
    }

    /// The requests of a flush: those that `start` begins, or one that follows the shutdown that is under way. After a shutdown
    /// nothing is left to deliver.
    func flush(_ deadline: Deadline, _ start: () -> [FlushRequest]) -> [FlushRequest] {
        guard let shutdown = first.withLock({ $0 }) else { return start() }
        return shutdown.isAnswered ? [] : [shutdown.follower(isShutdown: false, deadline: deadline)]
    }
}
