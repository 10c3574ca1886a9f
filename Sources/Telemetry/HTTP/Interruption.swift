// Interruptible waits of the export worker.

import Synchronization

/// Waits of one thread with deadlines, which any other thread can interrupt.
final class Interruption: Sendable {
    enum Outcome {
        case ready, timedOut, interrupted
        /// The program has closed the descriptors for waiting: no wait is possible any more.
        case closed
    }

    let wake = WakeDescriptor()
    private let isRaised = Atomic(false)
    /// Relaxed: a thread that reads it late detects the closed descriptors itself.
    private let hasClosed = Atomic(false)

    /// Interrupts the wait in progress, or else the next one.
    func raise() {
        isRaised.store(true, ordering: .sequentiallyConsistent)
        wake.raise()
    }

    /// Withdraws an interruption that no wait has consumed.
    func clear() {
        isRaised.store(false, ordering: .sequentiallyConsistent)
    }

    /// Consumes the interruption; returns whether there was one.
    func take() -> Bool {
        isRaised.load(ordering: .relaxed) && isRaised.exchange(false, ordering: .sequentiallyConsistent)
    }

    /// Makes the waiting thread check its condition again.
    func notify() {
        wake.raise()
    }

    /// True if a wait has found that the program has closed the descriptors.
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
                // The descriptor only wakes: the flag tells whether this is an interruption.
                wake.clear()
                if take() { return .interrupted }
            }
        }
    }

    /// Waits until the closure returns true, which is called again after each notification.
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
    /// Reports that the program has closed descriptors of telemetry, and the consequence.
    static func reportClosedDescriptors(_ consequence: String) {
        report(
            .error,
            "The program has closed file descriptors that telemetry had opened: \(consequence). Start telemetry after closing them, or leave "
                + "open those that are not yours.")
    }
}
