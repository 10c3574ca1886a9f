// A value behind a lock that a forked child can go on using.

import Synchronization

/// A value behind a lock that a forked child can go on using.
///
/// The standard library's `Mutex` cannot: on Linux it is owned by a thread's number, which the forking thread still remembers from
/// the parent, and the kernel accepts from the child's thread no longer. Sections are short, and call no code of the host's.
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
        // Not in one step: it would count as a change of the lock as well, for tools that look for races.
        let value = cell._address
        return try body(&value.pointee)
    }

    /// Calls the closure with the value if the lock is free; nil otherwise.
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
