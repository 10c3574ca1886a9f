// Waiting that another thread can end.

import Synchronization

/// Waits of one thread, which ends them itself at a deadline and which any other thread can interrupt.
final class Interruption: Sendable {
    enum Outcome { case ready, timedOut, interrupted }

    private let wake = WakeDescriptor()
    private let isRaised = Atomic(false)

    /// Makes the wait under way, or else the next one, end.
    func raise() {
        isRaised.store(true, ordering: .sequentiallyConsistent)
        wake.raise()
    }

    /// Takes back an interruption that nobody has met with.
    func clear() {
        isRaised.store(false, ordering: .sequentiallyConsistent)
    }

    /// Whether there is an interruption; it is over with that.
    func take() -> Bool {
        isRaised.load(ordering: .relaxed) && isRaised.exchange(false, ordering: .sequentiallyConsistent)
    }

    /// Lets the waiting thread look again at what it waits for.
    func notify() {
        wake.raise()
    }

    /// Waits until the socket can be read or written.
    func wait(for socket: Socket, toWrite: Bool, until deadline: Deadline) -> Outcome {
        while true {
            switch SocketWait.wait(socket, toWrite: toWrite, or: wake, until: deadline) {
            case .ready: return .ready
            case .timedOut: return .timedOut
            case .woken:
                // The descriptor only wakes: whether anybody is to be interrupted, the flag says.
                wake.clear()
                if take() { return .interrupted }
            }
        }
    }

    /// Waits until the closure says so, which is asked again with each notification.
    func wait(until deadline: Deadline, for isReady: () -> Bool) -> Outcome {
        while !isReady() {
            switch SocketWait.wait(nil, toWrite: false, or: wake, until: deadline) {
            case .ready: break
            case .timedOut: return isReady() ? .ready : .timedOut
            case .woken:
                wake.clear()
                if take() { return .interrupted }
            }
        }
        return .ready
    }
}
