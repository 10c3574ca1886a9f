// Runs code in the child after the process forks.

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Tells when the process has forked.
enum ForkObserver {
    /// Calls the function in every child process that is forked from now on.
    ///
    /// It runs before anything else in the child and may use only what is safe there: plain memory and system calls.
    static func onChild(_ function: @convention(c) () -> Void) {
        _ = pthread_atfork(nil, nil, function)
    }
}
