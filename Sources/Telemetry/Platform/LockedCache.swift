// A lock for caches on the path of each request, which may be emptied at any time.

import Synchronization

/// A value that may be lost, behind a lock that no fork waits for.
///
/// A forked child whose parent was changing the value on another thread begins with a new one. So a section takes one atomic exchange, where
/// ``Locked``, which counts its sections for forks, takes three.
///
/// `@unchecked`: the value is touched only while the lock is held.
struct LockedCache<Value: Sendable>: ~Copyable, @unchecked Sendable {
    private let lock = BriefLock()
    private let cell: _Cell<Value>
    private let initial: @Sendable () -> Value

    init(_ initial: @escaping @Sendable () -> Value) {
        self.initial = initial
        cell = _Cell(initial())
    }

    /// Calls the closure with the value while the lock is held.
    @inline(__always)
    borrowing func withLock<Result>(_ body: (inout Value) -> Result) -> Result {
        if !lock.acquire() { beginAnew() }
        defer { lock.release() }
        // In two steps: in one, race detectors would see a write to the lock as well.
        let value = cell._address
        return body(&value.pointee)
    }

    /// Replaces a value that may be half changed. It is abandoned: what it refers to may have been released already.
    @inline(never)
    private borrowing func beginAnew() {
        lock.assertHeld()
        cell._address.initialize(to: initial())
    }
}
