// A signal that wakes the thread of a worker.

import Synchronization

/// Wakes one waiting thread; calls before it wakes count as one.
final class WakeSignal: Sendable {
    private let semaphore = Semaphore()
    private let isRaised = Atomic(false)
    /// Starts the waiting thread, until it has been started.
    private let starter = Locked<(@Sendable () -> Void)?>(nil)
    private let isStartDueFlag = Atomic(false)

    /// Wakes the waiting thread, or lets its next wait return at once.
    func raise() {
        // The signal is mostly raised already: a load is cheaper than an exchange, which takes the cache line.
        if isRaised.load(ordering: .relaxed) { return }
        if !isRaised.exchange(true, ordering: .acquiringAndReleasing) {
            semaphore.post()
            if isStartDue { startWaiter() }
        }
    }

    // MARK: A thread that starts when there is something to do

    /// Leaves the start of the waiting thread to the first ``raise()``, or ``startWaiter()``.
    func startWaiterWhenNeeded(_ start: @escaping @Sendable () -> Void) {
        starter.withLock { $0 = start }
        isStartDueFlag.store(true, ordering: .sequentiallyConsistent)
        if isRaised.load(ordering: .sequentiallyConsistent) { startWaiter() }
    }

    /// True as long as the waiting thread is still to be started.
    @inline(__always)
    var isStartDue: Bool { isStartDueFlag.load(ordering: .relaxed) }

    /// Starts the waiting thread unless it has been started.
    @inline(never)
    func startWaiter() {
        let start = starter.withLock { starter in
            defer { starter = nil }
            isStartDueFlag.store(false, ordering: .relaxed)
            return starter
        }
        start?()
    }

    /// Waits for the signal and lowers it; returns false if the deadline passed first.
    func wait(until deadline: Deadline) -> Bool {
        let isSignalled = semaphore.wait(until: deadline)
        if isSignalled { isRaised.store(false, ordering: .sequentiallyConsistent) }
        return isSignalled
    }
}
