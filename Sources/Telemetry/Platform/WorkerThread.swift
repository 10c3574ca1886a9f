// Threads outside of the cooperative pool.

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Starts threads for work that must proceed even if every thread of the cooperative pool is blocked.
package enum WorkerThread {
    /// Runs the closure on a new detached thread; returns false if the system refuses one.
    package static func start(named name: String, _ body: @escaping @Sendable () -> Void) -> Bool {
        let start = Unmanaged.passRetained(Start(name: name, body: body))
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        pthread_attr_setstacksize(&attributes, 1 << 20)
        defer { pthread_attr_destroy(&attributes) }
        var thread = pthread_t()
        let status = pthread_create(
            &thread, &attributes,
            { argument in
                guard let argument else { return nil }
                let start = Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
                WorkerThread.prepare(named: start.name)
                start.body()
                return nil
            }, start.toOpaque())
        if status != 0 { start.release() }
        return status == 0
    }

    /// Yields the processor to another thread that is ready to run, if there is one.
    static func letOthersRun() {
        sched_yield()
    }

    /// Identifies the calling thread among those that run at present. For assertions.
    static var current: UInt { UInt(bitPattern: Int(bitPattern: pthread_self())) }

    private final class Start: Sendable {
        let name: String
        let body: @Sendable () -> Void

        init(name: String, body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }
    }

    /// Names the thread and leaves the process's signals to the threads of the host.
    private static func prepare(named name: String) {
        _ = HiddenFunction.setThreadName?(UInt(bitPattern: Int(bitPattern: pthread_self())), String(name.prefix(15)))
        var all = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_BLOCK, &all, nil)
    }
}
