// Threads for work that takes a processor for long.

import Synchronization
import Telemetry

/// Runs closures on threads of its own, so that they hold up neither the event loop nor tasks. What waits is bounded.
package final class WorkPool: Sendable {
    /// The error of work that is refused because too much waits already.
    package struct Full: Error {
        package init() {}
    }

    private let queue: Queue

    /// - Parameter capacity: how many closures may wait, beside those that run.
    package init(named name: String, threads: Int, capacity: Int) throws(StartFailure) {
        precondition(threads > 0 && capacity > 0, "A pool has a thread and room for work.")
        queue = Queue(capacity: capacity, threads: threads)
        for _ in 0..<threads where !WorkerThread.start(named: name, { [queue] in queue.work() }) {
            throw StartFailure(.unavailable, "The system gives no more threads.")
        }
    }

    deinit { queue.close() }

    /// Runs a closure and returns its result; throws at once if there is no room for it to wait.
    package func run<Result: Sendable>(_ work: @escaping @Sendable () -> Result) async throws(Full) -> Result {
        let result: Result? = await withCheckedContinuation { continuation in
            if !queue.add({ continuation.resume(returning: work()) }) { continuation.resume(returning: nil) }
        }
        guard let result else { throw Full() }
        return result
    }

    /// The closures that wait for the threads, which hold it and not the pool.
    private final class Queue: Sendable {
        private struct State {
            var waiting: [@Sendable () -> Void] = []
            var idle: Int
        }

        private let capacity: Int
        private let threads: Int
        private let state: Mutex<State>
        private let arrivals = Semaphore()

        init(capacity: Int, threads: Int) {
            self.capacity = capacity
            self.threads = threads
            state = Mutex(State(idle: threads))
        }

        func add(_ work: @escaping @Sendable () -> Void) -> Bool {
            let hasRoom = state.withLock { state in
                // A thread that is idle takes its work from the queue as well.
                guard state.waiting.count < capacity + state.idle else { return false }
                state.waiting.append(work)
                return true
            }
            if hasRoom { arrivals.post() }
            return hasRoom
        }

        func work() {
            while true {
                _ = arrivals.wait(until: .never)
                let work: (@Sendable () -> Void)? = state.withLock { state in
                    guard !state.waiting.isEmpty else { return nil }
                    state.idle -= 1
                    return state.waiting.removeFirst()
                }
                guard let work else { return }  // Only the end of the pool wakes a thread without work.
                work()
                state.withLock { $0.idle += 1 }
            }
        }

        func close() {
            for _ in 0..<threads { arrivals.post() }
        }
    }
}
