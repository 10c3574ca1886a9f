// A lock for sections that may take long.

/// Lets one thread at a time through a section, which may take long and call code of the host's: no fork waits for it.
///
/// It guards no value of its own. In a forked child it is free, whatever another thread was doing.
struct SectionLock: ~Copyable, Sendable {
    private let lock = BriefLock()

    borrowing func withLock<Result: ~Copyable, Failure: Error>(
        _ body: () throws(Failure) -> sending Result
    ) throws(Failure) -> sending Result {
        lock.acquire()
        defer { lock.release() }
        return try body()
    }
}
