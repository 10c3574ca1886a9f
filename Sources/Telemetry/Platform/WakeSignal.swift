// A signal that wakes the thread of a worker.

import Synchronization

/// Wakes one waiting thread; calls before it wakes count as one.
final class WakeSignal: Sendable {
    private let semaphore = Semaphore()
    private let isRaised = Atomic(false)

    /// Wakes the waiting thread, or lets its next wait return at once.
    func raise() {
        // The signal is mostly raised already: a load is cheaper than an exchange, which takes the cache line.
        if isRaised.load(ordering: .relaxed) { return }
        if !isRaised.exchange(true, ordering: .acquiringAndReleasing) { semaphore.post() }
    }

    /// Waits for the signal and lowers it; returns false if the deadline passed first.
    func wait(until deadline: Deadline) -> Bool {
        let isSignalled = semaphore.wait(until: deadline)
        if isSignalled { isRaised.store(false, ordering: .sequentiallyConsistent) }
        return isSignalled
    }
}
