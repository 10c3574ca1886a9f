// One shutdown for several callers.

/// Shares the first shutdown with every later request, which gets its answer within its own deadline.
final class SharedShutdown: Sendable {
    private let first = Locked<FlushRequest?>(nil)

    /// Returns the requests of a shutdown: those of `start` for the first caller, and a follower for every other one.
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

    /// Returns the requests of a flush: those of `start`, or a follower of the shutdown in progress. After a shutdown nothing is left to
    /// deliver.
    func flush(_ deadline: Deadline, _ start: () -> [FlushRequest]) -> [FlushRequest] {
        guard let shutdown = first.withLock({ $0 }) else { return start() }
        return shutdown.isAnswered ? [] : [shutdown.follower(isShutdown: false, deadline: deadline)]
    }
}
