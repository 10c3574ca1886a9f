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
struct BriefLock: ~Copyable, Sendable {
    private let isTaken = Atomic(false)

    @inline(__always)
    borrowing func acquire() {
        if isTaken.exchange(true, ordering: .acquiring) { acquireContended() }
    }

    @inline(__always)
    borrowing func release() {
        isTaken.store(false, ordering: .releasing)
    }

    @inline(never)
    private borrowing func acquireContended() {
        var attempts = 0
        while true {
            // Only read while somebody has it: writing would take the cache line away from the owner each time.
            if !isTaken.load(ordering: .relaxed), !isTaken.exchange(true, ordering: .acquiring) { return }
            attempts += 1
            if attempts < 64 { continue }
            if attempts < 256 {
                sched_yield()
            } else {
                var pause = timespec(tv_sec: 0, tv_nsec: 50_000)
                nanosleep(&pause, nil)
            }
        }
    }
}
