// Runs work on threads outside of the cooperative pool.

@testable import Telemetry

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
