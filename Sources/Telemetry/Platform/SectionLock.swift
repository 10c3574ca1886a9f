// A lock for sections that may take long.

/// A lock without a value, for sections that may take long and call code of the host: a fork does not wait for them.
///
/// In a forked child the lock is free, even if another thread of the parent held it.
struct SectionLock: ~Copyable, Sendable {
    private let lock = BriefLock()

    /// Calls the closure while the lock is held.
    borrowing func withLock<Result: ~Copyable, Failure: Error>(
        _ body: () throws(Failure) -> sending Result
    ) throws(Failure) -> sending Result {
        let generation = ProcessGeneration.current
        lock.acquire()
        // If the closure forked, another thread of the child may hold the lock by now.
        defer { if generation == ProcessGeneration.current { lock.release() } }
        return try body()
    }
}
