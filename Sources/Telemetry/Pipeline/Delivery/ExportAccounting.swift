// The exact account of the items handed to a destination.

/// Counts the items handed to one destination, exactly: in flight, exported, failed or dropped.
final class ExportAccounting: Sendable {
    fileprivate struct State {
        var inFlight: UInt64 = 0
        var exported: UInt64 = 0
        /// Items that the destination counts from then on.
        var takenOver: UInt64 = 0
        /// Lost by an export, and before it came to one.
        var failed: [DropReason: UInt64] = [:]
        var dropped: [DropReason: UInt64] = [:]
        /// True once everything has been counted, at the end of a shutdown.
        var isSettled = false
        var lastFailure: PipelineHealth.Failure?

        var doneCount: UInt64 {
            failed.values.reduce(exported &+ takenOver, &+) &+ dropped.values.reduce(0, &+)
        }
    }

    /// The name of the pipeline in messages.
    private let name: String
    private let items: ItemNoun
    private let destination: String
    private let clock: TelemetryClock
    private let state = Locked(State())
    /// Notified of each finished export, except those whose items the destination has taken over.
    let exports = EventObserver<FinishedExport>()

    init(name: String, items: ItemNoun, destination: String, clock: TelemetryClock) {
        self.name = name
        self.items = items
        self.destination = destination
        self.clock = clock
    }

    /// Runs one export of `count` items and counts what becomes of them.
    ///
    /// - Parameter isCutOff: returns whether the deadline of a shutdown has cut the export off; called when it is over.
    func deliver(_ count: Int, isCutOff: () -> Bool = { false }, _ export: () -> BatchOutcome) -> BatchOutcome {
        let isOpen = state.withLock { state in
            if !state.isSettled { state.inFlight &+= UInt64(count) }
            return !state.isSettled
        }
        // The settlement has counted the items of later exports.
        guard isOpen else { return .failed(.shutDown) }
        guard exports.isPresent else {
            let outcome = export()
            record(outcome, of: count, isCutOff: isCutOff())
            return outcome
        }
        let notes = ExportNotes()
        let start = clock.monotonicNanoseconds()
        let outcome = ExportNotes.$current.withValue(notes, operation: export)
        let seconds = Double(clock.monotonicNanoseconds() &- start) * 1e-9
        let isCutOff = isCutOff()
        record(outcome, of: count, isCutOff: isCutOff)
        if outcome != .takenOver {
            let reason = outcome.failure?.dropReason(isCutOff: isCutOff)
            exports.report(
                FinishedExport(seconds: seconds, failure: reason, httpStatus: notes.httpStatus, callStatus: notes.callStatus))
        }
        return outcome
    }

    /// Counts the items of one export that were in flight.
    private func record(_ outcome: BatchOutcome, of count: Int, isCutOff: Bool) {
        let failure = outcome.failure
        let losses = outcome.losses(of: count)
        let lost = min(count, losses.reduce(0) { $0 + $1.count })
        let takenOver = min(count - lost, outcome.takenOverCount(of: count))
        let noted = failure.map { PipelineHealth.Failure(time: clock.now, message: $0.message(isCutOff: isCutOff)) }
        let isOpen = state.withLock { state in
            guard !state.isSettled else {
                state.correct(takenOver: UInt64(takenOver), exported: UInt64(count - lost - takenOver))
                return false
            }
            assert(state.inFlight >= UInt64(count), "Items that are recorded were in flight.")
            state.inFlight &-= UInt64(count)
            state.takenOver &+= UInt64(takenOver)
            state.exported &+= UInt64(count - lost - takenOver)
            for loss in losses where loss.count > 0 {
                state.failed[loss.failure.dropReason(isCutOff: isCutOff), default: 0] &+= UInt64(loss.count)
            }
            if let noted { state.lastFailure = noted }
            return true
        }
        guard isOpen else { return }
        guard let noted else {
            Diagnostics.report(
                .debug, "\(name) to \(destination): \(items.quantity(count)) \(outcome == .takenOver ? "kept" : "delivered").")
            return
        }
        reportUndelivered(lost, noted, topic: "export")
    }

    /// Reports items that are lost after their export, or at the end of a shutdown.
    private func reportUndelivered(_ count: some BinaryInteger, _ failure: PipelineHealth.Failure, topic: String) {
        Diagnostics.report(
            .error, topic: "\(name).\(topic)",
            "\(subject(of: failure)): \(items.quantity(count)) could not be delivered: \(failure.message).")
    }

    /// Counts items that never came to an export.
    ///
    /// - Parameter isProcessed: whether the processor is done with them, so that they count as lost by the exporter.
    func drop(_ count: Int, _ reason: DropReason, isProcessed: Bool = false, _ explanation: @autoclosure () -> String) {
        let noted = PipelineHealth.Failure(time: clock.now, message: explanation())
        let isOpen = state.withLock { state in
            guard !state.isSettled else { return false }
            if isProcessed {
                state.failed[reason, default: 0] &+= UInt64(count)
            } else {
                state.dropped[reason, default: 0] &+= UInt64(count)
            }
            state.lastFailure = noted
            return true
        }
        if isOpen { report(noted, reason) }
    }

    /// Settles the account at the end of a shutdown: all items neither delivered nor lost are given up, counted and reported.
    ///
    /// An export still in flight may yet succeed; its items are then counted as delivered after all. Items accepted later are given up
    /// by another call.
    ///
    /// - Parameters:
    ///   - accepted: how many items the destination was to get.
    ///   - cause: the last failure of deliveries, if they fail.
    func settle(accepted: UInt64, cause: String?) {
        let now = clock.now
        let lost = state.withLock { state -> (count: UInt64, failure: PipelineHealth.Failure)? in
            state.isSettled = true
            let done = state.doneCount
            guard accepted > done else { return nil }
            let missing = accepted - done
            let inFlight = min(state.inFlight, missing)
            if inFlight > 0 { state.failed[.shutdownDeadline, default: 0] &+= inFlight }
            if missing > inFlight { state.dropped[.shutdownDeadline, default: 0] &+= missing - inFlight }
            state.inFlight = 0
            let earlier = cause ?? (inFlight > 0 ? "\(destination) has not answered" : state.lastFailure?.message)
            let failure = PipelineHealth.Failure(time: now, message: ExportFailure.messageAtShutdown(cause: earlier))
            state.lastFailure = failure
            return (missing, failure)
        }
        if let lost { reportUndelivered(lost.count, lost.failure, topic: DropReason.shutdownDeadline.rawValue) }
    }

    private func report(_ failure: PipelineHealth.Failure, _ reason: DropReason) {
        Diagnostics.report(.warning, topic: "\(name).\(reason.rawValue)", "\(subject(of: failure)): \(failure.message).")
    }

    /// Records a failure that lost no countable items, and reports it.
    func note(_ topic: String, _ explanation: @autoclosure () -> String) {
        let noted = PipelineHealth.Failure(time: clock.now, message: explanation())
        state.withLock { $0.lastFailure = noted }
        Diagnostics.report(.error, topic: "\(name).\(topic)", "\(subject(of: noted)): \(noted.message).")
    }

    /// Reports an export that ignores its deadline and its cancellation, and holds up all after it.
    func noteOverrun() {
        note(
            "overrun",
            "an export goes on although its time is over and it was cancelled, and no other can begin before it ends: an exporter has to"
                + " keep its deadline, or end when its task is cancelled")
    }

    /// The subject of a message: the pipeline, and its destination unless the failure names it.
    private func subject(of failure: PipelineHealth.Failure) -> String {
        failure.message.contains(destination) ? name : "\(name) to \(destination)"
    }

    /// The items that the exporter was called with, by their state.
    var exporterCounts: ExporterCounts {
        state.withLock { ExporterCounts(inFlight: $0.inFlight, exported: $0.exported, failed: $0.failed) }
    }

    /// Adds the counts and the last failure to those of the pipeline and the destination.
    func add(to health: inout PipelineHealth) {
        let state = state.withLock { $0 }
        health.exported &+= state.exported
        health.dropped.merge(state.dropped, uniquingKeysWith: &+)
        health.dropped.merge(state.failed, uniquingKeysWith: &+)
        guard let failure = state.lastFailure else { return }
        if health.lastFailure.map({ $0.time < failure.time }) ?? true { health.lastFailure = failure }
    }
}

extension ExportAccounting.State {
    /// Counts items as delivered that were given up while their export was in flight.
    fileprivate mutating func correct(takenOver kept: UInt64, exported delivered: UInt64) {
        let count = min(kept + delivered, failed[.shutdownDeadline] ?? 0)
        guard count > 0 else { return }
        failed[.shutdownDeadline] = failed[.shutdownDeadline].flatMap { $0 == count ? nil : $0 - count }
        takenOver &+= min(kept, count)
        exported &+= count - min(kept, count)
    }
}

extension BatchOutcome {
    /// The failure, or that of the first part that was lost.
    fileprivate var failure: ExportFailure? {
        switch self {
        case .failed(let failure): failure
        case .parted(let parted): parted.losses.first?.failure
        case .delivered, .takenOver: nil
        }
    }

    /// The items that were lost, by the failure.
    fileprivate func losses(of count: Int) -> [PartedOutcome.Loss] {
        switch self {
        case .failed(let failure): [PartedOutcome.Loss(count: failure.lostCount(of: count), failure: failure)]
        case .parted(let parted): parted.losses
        case .delivered, .takenOver: []
        }
    }

    /// The items that the destination counts from now on.
    fileprivate func takenOverCount(of count: Int) -> Int {
        switch self {
        case .takenOver: count
        case .parted(let parted): parted.takenOver
        case .delivered, .failed: 0
        }
    }

    /// True if some of the items were lost.
    var hasLost: Bool { failure != nil }
}

extension ExportFailure {
    /// How many items of a batch are lost by it.
    fileprivate func lostCount(of count: Int) -> Int {
        if case .partiallyRejected(let rejected, _) = self { return max(0, min(count, rejected)) }
        return count
    }

    /// True if more time might have helped.
    private var endsWithTime: Bool {
        switch self {
        case .retryable, .timedOut: true
        case .rejected, .partiallyRejected, .shutDown: false
        }
    }

    /// - Parameter isCutOff: whether the deadline of a shutdown has taken the time.
    fileprivate func dropReason(isCutOff: Bool) -> DropReason {
        if isCutOff && endsWithTime { return .shutdownDeadline }
        return switch self {
        case .retryable: .unreachable
        case .rejected, .partiallyRejected: .rejected
        case .timedOut: .timedOut
        case .shutDown: .alreadyShutDown
        }
    }

    fileprivate func message(isCutOff: Bool) -> String {
        guard isCutOff && endsWithTime else { return description }
        let cause: String? =
            switch self {
            case .retryable(_, let reason): reason
            case .timedOut(let reason): reason
            default: nil
            }
        return Self.messageAtShutdown(cause: cause)
    }

    /// Returns the message about items that the deadline of a shutdown has cost.
    fileprivate static func messageAtShutdown(cause: String?) -> String {
        let message = "the deadline of the shutdown came first"
        guard let cause else { return message }
        // The cause may be that of a batch that the same deadline has cost.
        return cause.hasPrefix(message) ? cause : "\(message): \(cause)"
    }
}

extension PipelineHealth {
    /// Takes all but the number of accepted items from a destination and its accounting.
    init(name: String, destination: any ExportDestination, accounting: ExportAccounting, queueCapacity: Int) {
        self.init(name: name, destination: destination.name, queueCapacity: queueCapacity)
        let status = destination.status
        exported = status.delivered
        dropped = status.dropped
        spooled = status.waiting
        retries = status.retries
        lastFailure = status.lastFailure
        accounting.add(to: &self)
    }
}

/// The states of the items that an exporter was called with. (Semantic conventions: `otel.sdk.exporter.span.…`.)
struct ExporterCounts: Sendable, Equatable {
    /// Items that are being exported or wait to be tried again, on disk as well.
    var inFlight: UInt64 = 0
    /// Items that have been delivered: each once, whatever it took.
    var exported: UInt64 = 0
    /// Items that have not been delivered, after the last attempt.
    var failed: [DropReason: UInt64] = [:]
}

/// One export that is over, with all its attempts and the time between them.
struct FinishedExport: Sendable, Equatable {
    let seconds: Double
    /// Why not all items were delivered; nil for a full success.
    let failure: DropReason?
    /// The status of the last answer over HTTP; nil where there was none.
    let httpStatus: Int?
    /// The name of the status of the last call of a procedure; nil where there was none.
    var callStatus: String?
}

/// A destination with its account.
struct AccountedDestination: Sendable {
    let destination: any ExportDestination
    let accounting: ExportAccounting

    /// The counts of the account, and of the items that the destination has taken over.
    var counts: ExporterCounts {
        let status = destination.status
        var counts = accounting.exporterCounts
        counts.inFlight &+= status.waiting
        counts.exported &+= status.delivered
        counts.failed.merge(status.dropped, uniquingKeysWith: &+)
        return counts
    }
}
