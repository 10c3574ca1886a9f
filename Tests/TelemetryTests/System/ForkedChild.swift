// Runs code of a test in a forked child.

@testable import Telemetry

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A child of the test's process, forked by the C library's function, which Swift does not offer.
struct ForkedChild: Sendable {
    private static let fork = dlsym(nil, "fork").map { unsafeBitCast($0, to: (@convention(c) () -> Int32).self) }

    private let process: Int32

    /// - Parameter body: the synchronous work of the child, which returns the exit status.
    /// - Throws: when the system gives no process.
    init(_ body: () -> Int32) throws {
        guard let fork = Self.fork else { throw NoProcess() }
        process = fork()
        if process == 0 { _exit(body()) }
        if process < 0 { throw NoProcess() }
    }

    struct NoProcess: Error {}

    /// How the child has ended: its exit status, or minus the signal that ended it; after three minutes that is `SIGKILL`.
    func wait() -> Int32 {
        var status: Int32 = 0
        let deadline = Deadline.after(.seconds(180))
        while waitpid(process, &status, WNOHANG) == 0 {
            if deadline.hasPassed { kill(process, SIGKILL) }
            // The child needs the processor more.
            usleep(1000)
        }
        return status & 0x7F == 0 ? (status >> 8) & 0xFF : -(status & 0x7F)
    }
}
