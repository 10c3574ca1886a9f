// Hot: a lock for sections of a few dozen instructions.

import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A lock that costs one atomic exchange to take and a plain store to give back.
///
/// For sections that copy a few bytes and are almost never contended: a mutex takes twice as long, because its unlock has to
/// look for waiters. Who does find it taken spins, then yields, then sleeps, so that a preempted owner gets to run whatever
/// the priorities are. Nothing inside may block, call out or allocate at length.
///
/// A forked child takes a lock whose owner it does not have: that it was another process's is seen in the lock itself.
struct BriefLock: ~Copyable, Sendable {
    /// The ``ProcessGeneration/current`` of the process that the owner belongs to; 0 while there is none.
    private let owner = Atomic<UInt8>(0)

    /// Takes the lock; false if its owner was lost in a fork, so that what it guards may be half changed.
    @inline(__always)
    @discardableResult
    borrowing func acquire() -> Bool {
        let previous = owner.exchange(ProcessGeneration.current, ordering: .acquiring)
        return previous == 0 || acquireContended(previous)
    }

    @inline(__always)
    borrowing func release() {
        owner.store(0, ordering: .releasing)
    }

    /// Takes the lock if it is free, or its owner was lost in a fork.
    borrowing func tryAcquire() -> Bool {
        let previous = owner.load(ordering: .relaxed)
        if previous == ProcessGeneration.current { return false }
        return owner.compareExchange(expected: previous, desired: ProcessGeneration.current, ordering: .acquiring).exchanged
    }

    /// - Parameter previous: the owner that the exchange replaced.
    @inline(never)
    private borrowing func acquireContended(_ previous: UInt8) -> Bool {
        let generation = ProcessGeneration.current
        if previous != generation { return false }
        var attempts = 0
        while true {
            // Only read while somebody has it: writing would take the cache line away from the owner each time.
            if owner.load(ordering: .relaxed) != generation {
                let found = owner.exchange(generation, ordering: .acquiring)
                if found != generation { return found == 0 }
            }
            attempts += 1
            if attempts < 64 { continue }
            if attempts < 256 {
                sched_yield()
            } else {
                // Up to a millisecond, for sections that are not so brief.
                var pause = timespec(tv_sec: 0, tv_nsec: min(1_000_000, 50_000 * (attempts - 255)))
                nanosleep(&pause, nil)
            }
        }
    }
}
