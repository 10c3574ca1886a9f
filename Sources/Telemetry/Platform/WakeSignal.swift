// A signal that wakes the thread of a worker.

import Synchronization

/// Wakes one waiting thread; any number of calls before it looks count as one.
final class WakeSignal: Sendable {
    private let semaphore = Semaphore()
    private let isRaised = Atomic(false)

    /// Wakes the waiting thread, or lets its next wait return at once.
    func raise() {
        // Most calls find the signal raised already: a load is cheaper than an exchange that takes the cache line.
        if isRaised.load(ordering: .relaxed) { return }
        if !isRaised.exchange(true, ordering: .acquiringAndReleasing) { semaphore.post() }
    }

    /// Waits for the signal and lowers it; false when the deadline came first.
    func wait(until deadline: Deadline) -> Bool {
        let isSignalled = semaphore.wait(until: deadline)
        if isSignalled { isRaised.store(false, ordering: .sequentiallyConsistent) }
        return isSignalled
    }
}
