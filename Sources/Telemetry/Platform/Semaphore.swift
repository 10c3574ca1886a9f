// Blocking waits of worker threads, with deadlines on the monotonic clock.

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A counting semaphore of the operating system; posting never blocks.
///
/// `@unchecked`: the pointer is set once and the functions on it are made for use from several threads.
package final class Semaphore: @unchecked Sendable {
    private let handle: UnsafeMutablePointer<sem_t>

    /// - Parameter count: how many waits return at once.
    package init(count: UInt32 = 0) {
        handle = .allocate(capacity: 1)
        sem_init(handle, 0, count)
    }

    deinit {
        sem_destroy(handle)
        handle.deallocate()
    }

    /// Lets one wait return.
    package func post() {
        sem_post(handle)
    }

    /// Waits until the semaphore is posted; returns false if the deadline passed first.
    package func wait(until deadline: Deadline) -> Bool {
        while true {
            let status = deadline == .never ? sem_wait(handle) : wait(atMostUntil: deadline)
            if status == 0 { return true }
            if errno != EINTR && deadline.hasPassed { return false }
        }
    }

    private func wait(atMostUntil deadline: Deadline) -> Int32 {
        if let waitOnClock = HiddenFunction.waitOnClock {
            var time = timespec(nanoseconds: deadline.nanoseconds)
            return waitOnClock(handle, CLOCK_MONOTONIC, &time)
        }
        // Without `sem_clockwait`, waits on the wall clock in short steps, since it may be set meanwhile.
        let step = min(UInt64(max(0, deadline.remaining.saturatedNanoseconds)), 100_000_000)
        var time = timespec(nanoseconds: SystemClock.wallNanoseconds() &+ step)
        return sem_timedwait(handle, &time)
    }
}

extension timespec {
    fileprivate init(nanoseconds: UInt64) {
        self.init(tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
    }
}
