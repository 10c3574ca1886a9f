// Counts what became of the batches that were handed to one destination.

import Synchronization

/// Counts what became of the items that were handed to one destination, to the last item.
final class DeliveryLedger: Sendable {
    private struct State {
        var inFlight: UInt64 = 0
        var exported: UInt64 = 0
        /// Lost by an export, and before it came to one.
        var failed: [DropReason: UInt64] = [:]
        var dropped: [DropReason: UInt64] = [:]
        var lastFailure: PipelineHealth.Failure?
    }

    /// Who reports: the pipeline, as people know it.
    private let name: String
    private let destination: String
    private let clock: TelemetryClock
    private let state = Mutex(State())
    /// Is told of each export that is over, but not of those whose items the destination has taken over.
    let exports = EventObserver<FinishedExport>()

    init(name: String, destination: String, clock: TelemetryClock) {
        self.name = name
        self.destination = destination
        self.clock = clock
    }

    /// Runs one export of so many items, and counts what becomes of them; false when some of them were lost.
    func deliver(_ count: Int, _ export: () -> BatchOutcome) -> Bool {
        state.withLock { $0.inFlight &+= UInt64(count) }
        guard exports.isPresent else { return record(export(), of: count, wasInFlight: true) }
        let notes = ExportNotes()
        let start = clock.monotonicNanoseconds()
        let outcome = ExportNotes.$current.withValue(notes, operation: export)
        let seconds = Double(clock.monotonicNanoseconds() &- start) * 1e-9
        let isComplete = record(outcome, of: count, wasInFlight: true)
        if outcome != .takenOver {
            exports.report(FinishedExport(seconds: seconds, failure: outcome.failure?.dropReason, httpStatus: notes.httpStatus))
        }
        return isComplete
    }

    /// Counts the items of one export; false when some of them were lost.
    func record(_ outcome: BatchOutcome, of count: Int, wasInFlight: Bool = false) -> Bool {
        let lost = outcome.failure?.lostCount(of: count) ?? 0
        let noted = outcome.failure.map { PipelineHealth.Failure(time: clock.now, message: $0.description) }
        state.withLock { state in
            if wasInFlight { state.inFlight &-= UInt64(count) }
            if outcome != .takenOver { state.exported &+= UInt64(count - lost) }
            guard let failure = outcome.failure else { return }
            if lost > 0 { state.failed[failure.dropReason, default: 0] &+= UInt64(lost) }
            state.lastFailure = noted
        }
        guard let noted else { return true }
        Diagnostics.report(
            .error, topic: "\(name).export", "\(subject(of: noted)): \(lost) items could not be delivered: \(noted.message).")
        return false
    }

    /// Counts items that never came to an export.
    ///
    /// - Parameter isProcessed: whether the processor is done with them, so that they count as lost by the exporter.
    func drop(_ count: Int, _ reason: DropReason, isProcessed: Bool = false, _ explanation: @autoclosure () -> String) {
        let message = explanation()
        let noted = PipelineHealth.Failure(time: clock.now, message: message)
        state.withLock { state in
            if isProcessed {
                state.failed[reason, default: 0] &+= UInt64(count)
            } else {
                state.dropped[reason, default: 0] &+= UInt64(count)
            }
            state.lastFailure = noted
        }
        Diagnostics.report(.warning, topic: "\(name).\(reason.rawValue)", "\(subject(of: noted)): \(noted.message).")
    }

    /// Notes that something went wrong which lost no items that could be counted.
    func note(_ topic: String, _ explanation: @autoclosure () -> String) {
        let noted = PipelineHealth.Failure(time: clock.now, message: explanation())
        state.withLock { $0.lastFailure = noted }
        Diagnostics.report(.error, topic: "\(name).\(topic)", "\(subject(of: noted)): \(noted.message).")
    }

    /// Who reports; and to whom it delivers, unless the failure says so and where exactly.
    private func subject(of failure: PipelineHealth.Failure) -> String {
        failure.message.contains(destination) ? name : "\(name) to \(destination)"
    }

    /// What has become of the items that came to an export.
    var exporterCounts: ExporterCounts {
        state.withLock { ExporterCounts(inFlight: $0.inFlight, exported: $0.exported, failed: $0.failed) }
    }

    /// Adds what was counted to what the pipeline and the destination know.
    func add(to health: inout PipelineHealth) {
        let state = state.withLock { $0 }
        health.exported &+= state.exported
        health.dropped.merge(state.dropped, uniquingKeysWith: &+)
        health.dropped.merge(state.failed, uniquingKeysWith: &+)
        guard let failure = state.lastFailure else { return }
        if health.lastFailure.map({ $0.time < failure.time }) ?? true { health.lastFailure = failure }
    }
}

extension BatchOutcome {
    fileprivate var failure: ExportFailure? {
        if case .failed(let failure) = self { failure } else { nil }
    }
}

extension ExportFailure {
    /// How many items of a batch are lost by it.
    fileprivate func lostCount(of count: Int) -> Int {
        if case .partiallyRejected(let rejected, _) = self { return max(0, min(count, rejected)) }
        return count
    }

    fileprivate var dropReason: DropReason {
        switch self {
        case .retryable, .deferred: .unreachable
        case .rejected, .partiallyRejected: .rejected
        case .timedOut: .timedOut
        case .shutDown: .alreadyShutDown
        }
    }
}
