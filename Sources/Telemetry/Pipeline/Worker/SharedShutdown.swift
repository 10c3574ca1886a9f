// One shutdown for several callers.

/// Shares the first shutdown with every later request, which gets its answer within its own deadline.
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
