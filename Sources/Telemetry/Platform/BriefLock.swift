// Hot: a lock for sections of a few dozen instructions.

import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A lock that costs one atomic exchange to acquire and a plain store to release.
///
/// It is meant for sections that copy a few bytes and are almost never contended: a mutex takes twice as long, because its unlock
/// has to look for waiters. A contended acquire spins, then yields, then sleeps, so that a preempted owner gets to run whatever
/// the priorities are. A section must not block, call out or allocate at length.
///
/// The lock holds the number of the owner's process, so that a forked child acquires a lock whose owner exists in the parent only.
struct BriefLock: ~Copyable, Sendable {
    /// The ``ProcessGeneration/current`` of the owner's process; 0 while the lock is free.
    private let owner = Atomic<UInt8>(0)
    #if DEBUG
        /// The thread that holds the lock; 0 while it is free. Relaxed: a thread reads its own number only if it was the last to write.
        private let holder = Atomic<UInt>(0)
    #endif

    /// Acquires the lock; returns false if its owner was lost in a fork, so that the guarded state may be half changed.
    @inline(__always)
    @discardableResult
    borrowing func acquire() -> Bool {
        let previous = owner.exchange(ProcessGeneration.current, ordering: .acquiring)
        let isWhole = previous == 0 || acquireContended(previous)
        setHolder(WorkerThread.current)
        return isWhole
    }

    /// Acquires the lock if it is free, without a call of a function for the case that it is not; returns whether it did.
    @inline(__always)
    borrowing func acquireIfFree() -> Bool {
        guard owner.compareExchange(expected: 0, desired: ProcessGeneration.current, ordering: .acquiring).exchanged else { return false }
        setHolder(WorkerThread.current)
        return true
    }

    /// Releases the lock; must be called by the thread that holds it.
    @inline(__always)
    borrowing func release() {
        // In a forked child, a thread that forked within its section may find the lock released by another.
        assert(isHeld || ProcessGeneration.isForked, "A lock is released by the thread that holds it.")
        setHolder(0)
        owner.store(0, ordering: .releasing)
    }

    /// Checks in debug builds that the calling thread holds the lock.
    @inline(__always)
    borrowing func assertHeld() {
        assert(isHeld, "The calling thread holds the lock.")
    }

    /// Frees the lock whether it is held or not; must be called in a forked child only, while it has one thread.
    borrowing func reset() {
        setHolder(0)
        owner.store(0, ordering: .relaxed)
    }

    /// True while the calling thread holds the lock. For assertions: without `DEBUG`, it is true while any thread holds the lock.
    @inline(__always)
    var isHeld: Bool {
        #if DEBUG
            holder.load(ordering: .relaxed) == WorkerThread.current
        #else
            owner.load(ordering: .relaxed) != 0
        #endif
    }

    /// Notes in debug builds which thread holds the lock.
    @inline(__always)
    private borrowing func setHolder(_ thread: @autoclosure () -> UInt) {
        #if DEBUG
            holder.store(thread(), ordering: .relaxed)
        #endif
    }

    /// Acquires the lock if it is free or its owner was lost in a fork; returns whether it did.
    borrowing func tryAcquire() -> Bool {
        let previous = owner.load(ordering: .relaxed)
        if previous == ProcessGeneration.current { return false }
        guard owner.compareExchange(expected: previous, desired: ProcessGeneration.current, ordering: .acquiring).exchanged else {
            return false
        }
        setHolder(WorkerThread.current)
        return true
    }

    /// - Parameter previous: the owner that the exchange replaced.
    @inline(never)
    private borrowing func acquireContended(_ previous: UInt8) -> Bool {
        let generation = ProcessGeneration.current
        if previous != generation { return false }
        var attempts = 0
        while true {
            // A load while the lock is held: an exchange would take the cache line away from the owner each time.
            if owner.load(ordering: .relaxed) != generation {
                let found = owner.exchange(generation, ordering: .acquiring)
                if found != generation { return found == 0 }
            }
            attempts += 1
            if attempts < 64 { continue }
            if attempts < 256 {
                sched_yield()
            } else {
                // Sleeps up to a millisecond, for owners that were preempted.
                var pause = timespec(tv_sec: 0, tv_nsec: min(1_000_000, 50_000 * (attempts - 255)))
                nanosleep(&pause, nil)
            }
        }
    }
}
