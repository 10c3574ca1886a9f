// Counts what became of the batches that were handed to one destination.

import Synchronization

/// Counts what became of the items that were handed to one destination, to the last item.
final class DeliveryLedger: Sendable {
    private struct State {
        var exported: UInt64 = 0
        var dropped: [DropReason: UInt64] = [:]
        var lastFailure: PipelineHealth.Failure?
    }

    /// Who reports: the pipeline, as people know it.
    private let name: String
    private let destination: String
    private let clock: TelemetryClock
    private let state = Mutex(State())

    init(name: String, destination: String, clock: TelemetryClock) {
        self.name = name
        self.destination = destination
        self.clock = clock
    }

    /// Counts the items of one export; false when some of them were lost.
    func record(_ outcome: BatchOutcome, of count: Int) -> Bool {
        let failure: ExportFailure
        switch outcome {
        case .delivered:
            state.withLock { $0.exported &+= UInt64(count) }
            return true
        case .takenOver: return true
        case .failed(let reason): failure = reason
        }
        let lost = failure.lostCount(of: count)
        let noted = PipelineHealth.Failure(time: clock.now, message: failure.description)
        state.withLock { state in
            state.exported &+= UInt64(count - lost)
            if lost > 0 { state.dropped[failure.dropReason, default: 0] &+= UInt64(lost) }
            state.lastFailure = noted
        }
        Diagnostics.report(
            .error, topic: "\(name).export", "\(subject(of: noted)): \(lost) items could not be delivered: \(noted.message).")
        return false
    }

    /// Counts items that never came to an export.
    func drop(_ count: Int, _ reason: DropReason, _ explanation: @autoclosure () -> String) {
        let message = explanation()
        let noted = PipelineHealth.Failure(time: clock.now, message: message)
        state.withLock { state in
            state.dropped[reason, default: 0] &+= UInt64(count)
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

    /// Adds what was counted to what the pipeline and the destination know.
    func add(to health: inout PipelineHealth) {
        let state = state.withLock { $0 }
        health.exported &+= state.exported
        health.dropped.merge(state.dropped, uniquingKeysWith: &+)
        guard let failure = state.lastFailure else { return }
        if health.lastFailure.map({ $0.time < failure.time }) ?? true { health.lastFailure = failure }
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
