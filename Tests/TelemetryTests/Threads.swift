// Runs work on threads outside of the cooperative pool.

@testable import Telemetry

#if canImport(Glibc)
    import Glibc
#endif

/// Runs the closure for each number below the count on a thread of its own, and waits for all.
func onThreads(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) async {
    await withTaskGroup(of: Void.self) { group in
        for index in 0..<count {
            group.addTask {
                await withCheckedContinuation { continuation in
                    let isRunning = WorkerThread.start(named: "test \(index)") {
                        body(index)
                        continuation.resume()
                    }
                    if !isRunning { continuation.resume() }
                }
            }
        }
    }
}

/// Runs the closure on a thread that stays on one processor, where the system can keep it there, and waits for it.
func onOneProcessor(_ body: @escaping @Sendable () -> Void) async {
    await onThreads(1) { _ in
        _ = staysOnOneProcessor()
        body()
    }
}

/// Keeps the thread on the first processor that it may run on, and says whether the system can. The calls are GNU's own, which Swift does not
/// import.
func staysOnOneProcessor() -> Bool {
    #if canImport(Glibc)
        typealias Affinity = @convention(c) (pid_t, Int, UnsafeMutablePointer<UInt64>) -> CInt
        guard let get = dlsym(nil, "sched_getaffinity"), let set = dlsym(nil, "sched_setaffinity") else { return false }
        var processors = [UInt64](repeating: 0, count: 16)
        let size = processors.count * MemoryLayout<UInt64>.size
        guard unsafeBitCast(get, to: Affinity.self)(0, size, &processors) == 0,
            let first = processors.firstIndex(where: { $0 != 0 })
        else { return false }
        let word = processors[first] & (~processors[first] &+ 1)
        processors = [UInt64](repeating: 0, count: processors.count)
        processors[first] = word
        return unsafeBitCast(set, to: Affinity.self)(0, size, &processors) == 0
    #else
        return false
    #endif
}
