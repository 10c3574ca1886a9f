// An exporter for tests of what spans and log records have in common on their way out.

import Synchronization

@testable import Telemetry

/// Keeps the names of spans and the bodies of log records, and can block, fail and count.
final class ProbeExporter: SpanExporter, LogExporter {
    struct Log {
        var batches: [[String]] = []
        var running = 0
        var mostRunning = 0
        var flushes = 0
        var shutdowns = 0
        var cancellations = 0
    }

    private let log = Mutex(Log())
    private let gate: Semaphore?
    private let failure: ExportFailure?

    /// - Parameter gate: each export waits until something is posted there.
    init(gate: Semaphore? = nil, failure: ExportFailure? = nil) {
        self.gate = gate
        self.failure = failure
    }

    var state: Log { log.withLock { $0 } }
    /// The names of all spans, or the bodies of all log records.
    var names: [String] { state.batches.flatMap { $0 } }

    func export(_ batch: borrowing SpanBatch, deadline: Deadline) async throws(ExportFailure) {
        try keep(batch.map(\.name))
    }

    func export(_ batch: borrowing LogBatch, deadline: Deadline) async throws(ExportFailure) {
        try keep(batch.map { $0.body?.stringValue ?? "" })
    }

    private func keep(_ names: [String]) throws(ExportFailure) {
        log.withLock { log in
            log.running += 1
            log.mostRunning = max(log.mostRunning, log.running)
            log.batches.append(names)
        }
        if let gate { _ = gate.wait(until: .after(.seconds(60))) }
        log.withLock { log in
            log.running -= 1
            if Task.isCancelled { log.cancellations += 1 }
        }
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
