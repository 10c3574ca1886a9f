// Waiting that another thread can end.

import Synchronization

/// Waits of one thread, which ends them itself at a deadline and which any other thread can interrupt.
final class Interruption: Sendable {
    enum Outcome {
        case ready, timedOut, interrupted
        /// The program has closed the descriptors that are waited with: no wait is possible any more.
        case closed
    }

    let wake = WakeDescriptor()
    private let isRaised = Atomic(false)
    /// Relaxed: whichever thread sees it late finds out by itself.
    private let hasClosed = Atomic(false)

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

    /// Whether a wait has met with descriptors that the program had closed.
    var isClosed: Bool { hasClosed.load(ordering: .relaxed) }

    private func close() -> Outcome {
        if !hasClosed.exchange(true, ordering: .relaxed) { Diagnostics.reportClosedDescriptors("an exporter sends nothing any more") }
        return .closed
    }

    /// Waits until the socket can be read or written.
    func wait(for socket: Socket, toWrite: Bool, until deadline: Deadline) -> Outcome {
        while true {
            switch SocketWait.wait(socket, toWrite: toWrite, or: wake, until: deadline) {
            case .ready: return .ready
            case .timedOut: return .timedOut
            case .closed: return close()
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
            case .closed: return isReady() ? .ready : close()
            case .woken:
                wake.clear()
                if take() { return .interrupted }
            }
        }
        return .ready
    }
}

extension Diagnostics {
    /// Reports that the program has closed descriptors of telemetry.
    static func reportClosedDescriptors(_ consequence: String) {
        report(
            .error,
            "The program has closed file descriptors that telemetry had opened: \(consequence). Start telemetry after closing them, or leave "
                + "open those that are not yours.")
    }
}
