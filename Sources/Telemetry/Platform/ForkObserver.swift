// Fork handlers outside of `Platform/`, where the C library is not imported.

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Registers functions that run when the process forks.
enum ForkObserver {
    /// Calls the function in every child process that is forked from now on.
    ///
    /// The function runs before anything else in the child, and may only use plain memory and system calls.
    static func onChild(_ function: @convention(c) () -> Void) {
        _ = pthread_atfork(nil, nil, function)
    }
}
