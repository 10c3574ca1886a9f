// A log exporter for tests that keeps its records, and can block and fail.

import Synchronization

@testable import Telemetry

final class LogProbe: LogExporter {
    struct State {
        var batches: [[String]] = []
        var running = 0
        var mostRunning = 0
        var flushes = 0
        var shutdowns = 0
    }

    private let log = Mutex(State())
    private let gate: Semaphore?
    private let failure: ExportFailure?

    /// - Parameter gate: each export waits until something is posted there.
    init(gate: Semaphore? = nil, failure: ExportFailure? = nil) {
        self.gate = gate
        self.failure = failure
    }

    var state: State { log.withLock { $0 } }
    var messages: [String] { state.batches.flatMap { $0 } }

    func export(_ batch: borrowing LogBatch, deadline: Deadline) async throws(ExportFailure) {
        let messages = batch.map { $0.body?.stringValue ?? "" }
        log.withLock { log in
            log.running += 1
            log.mostRunning = max(log.mostRunning, log.running)
            log.batches.append(messages)
        }
        if let gate { _ = gate.wait(until: .after(.seconds(60))) }
        log.withLock { $0.running -= 1 }
        if let failure { throw failure }
    }

    func forceFlush(deadline: Deadline) async -> FlushResult {
        log.withLock { $0.flushes += 1 }
        return .completed
    }

    func shutdown(deadline: Deadline) async -> FlushResult {
        log.withLock { $0.shutdowns += 1 }
        return .completed
    }
}
