// The SDK's replacement for `Mutex`, which does not survive a fork.

import Synchronization

/// A value behind a lock that stays usable in a forked child.
///
/// The standard library's `Mutex` does not: on Linux its owner is a thread number, which the forking thread caches from the parent and
/// which the kernel no longer accepts from the child's thread. Sections must be short and must not call code of the host.
///
/// `@unchecked`: the value is touched only while the lock is held.
struct Locked<Value: ~Copyable>: ~Copyable, @unchecked Sendable {
    private let lock = BriefLock()
    private let cell: _Cell<Value>

    init(_ initial: consuming sending Value) {
        cell = _Cell(initial)
    }

    /// Calls the closure with the value while the lock is held.
    @inline(__always)
    borrowing func withLock<Result: ~Copyable, Failure: Error>(
        _ body: (inout sending Value) throws(Failure) -> sending Result
    ) throws(Failure) -> sending Result {
        ForkGate.enter()
        lock.acquire()
        defer {
            lock.release()
            ForkGate.leave()
        }
        // In two steps: in one, race detectors would see a write to the lock as well.
        let value = cell._address
        return try body(&value.pointee)
    }

    /// Calls the closure with the value if the lock is free; returns nil otherwise.
    borrowing func withLockIfAvailable<Result, Failure: Error>(
        _ body: (inout sending Value) throws(Failure) -> sending Result
    ) throws(Failure) -> sending Result? {
        ForkGate.enter()
        defer { ForkGate.leave() }
        guard lock.tryAcquire() else { return nil }
        defer { lock.release() }
        let value = cell._address
        return try body(&value.pointee)
    }
}
