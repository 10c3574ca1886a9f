// Follows log files in the background.

package import ExampleSupport
import Synchronization
import Telemetry

/// Follows several files on a thread of its own.
package final class LogTails: Sendable {
    private static let pause = Duration.milliseconds(200)

    private let isStopped = Atomic(false)

    /// - Parameter take: gets each request with records, on the thread of the tails.
    package init(_ paths: [String], _ take: @escaping @Sendable ([UInt8]) -> Void) throws(StartFailure) {
        let isStarted = WorkerThread.start(named: "console-tail") { [weak self] in
            let tails = paths.map { LogTail($0) }
            let timer = Semaphore()
            // Relaxed: a round more or less does not matter.
            while let self, !self.isStopped.load(ordering: .relaxed) {
                for tail in tails {
                    if let request = tail.poll(now: Timestamp.now.nanosecondsSinceEpoch) { take(request) }
                }
                _ = timer.wait(until: .after(Self.pause))
            }
        }
        guard isStarted else { throw StartFailure(.unavailable, "The system gives no more threads.") }
    }

    package func stop() { isStopped.store(true, ordering: .relaxed) }
}
