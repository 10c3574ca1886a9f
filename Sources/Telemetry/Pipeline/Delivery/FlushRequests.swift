// The requests to flush and shut down between callers and a worker.

import Synchronization

/// Passes requests to flush and shut down from any thread to the worker of one destination, which answers them.
final class FlushRequests: Sendable {
    private struct State {
        var new: [FlushRequest] = []
        /// All requests that the worker has not answered, the new ones included.
        var unanswered: [FlushRequest] = []
        var losses = UnreportedLosses()
        /// The first shutdown; later requests follow it.
        var shutdown: FlushRequest?
        /// True if there is no worker.
        var isClosed = false
    }

    private enum Admission { case queued, following(FlushRequest), answered(FlushResult) }

    private let destination: any ExportDestination
    private let wake: WakeSignal
    private let runner: ExportRunner
    private let state = Locked(State())
    private let generation = ProcessGeneration.current

    /// - Parameters:
    ///   - wake: the signal that the worker waits for.
    ///   - runner: runs the destination's code on the worker's thread.
    init(to destination: any ExportDestination, wake: WakeSignal, runner: ExportRunner) {
        self.destination = destination
        self.wake = wake
        self.runner = runner
    }

    /// The deadline of the first shutdown; nil before there is one.
    var shutdownDeadline: Deadline? { state.withLock { $0.shutdown?.deadline } }

    /// Begins a flush or the shutdown, without waiting for it.
    ///
    /// Only the first shutdown does work. A later one, and a flush while it runs, get its answer; after it there is nothing left to
    /// deliver.
    ///
    /// - Parameters:
    ///   - halfTime: when exports that hang are interrupted; nil for half of the time from now to the deadline.
    ///   - settle: called when the shutdown ends, in time or not, before its caller sees the answer.
    func request(
        isShutdown: Bool, _ deadline: Deadline, halfTime: Deadline? = nil, settle: @escaping @Sendable () -> Void = {}
    ) -> FlushRequest {
        if isOfParent { return refused(isShutdown: isShutdown, deadline) }
        var hooks = FlushRequest.Hooks()
        if isShutdown {
            // An export that hangs would use up the time of all batches behind it.
            hooks.atHalfTime = { [destination] _ in destination.interruptInFlightExports() }
            // An export still in flight at the deadline is cancelled.
            hooks.whenTimedOut = { [runner] _ in runner.cancel() }
            hooks.beforeAnswer = { _ in settle() }
        }
        let request = FlushRequest(isShutdown: isShutdown, deadline: deadline, halfTime: halfTime, hooks: hooks)
        let admission = state.withLock { state -> Admission in
            if state.isClosed { return .answered(.failed) }
            if let shutdown = state.shutdown {
                if isShutdown || !shutdown.isAnswered { return .following(shutdown) }
                return .answered(state.losses.isEmpty ? .completed : .failed)
            }
            if isShutdown { state.shutdown = request }
            state.losses.cover(by: request)
            state.new.append(request)
            state.unanswered.append(request)
            return .queued
        }
        switch admission {
        case .queued:
            wake.raise()
            return request
        case .following(let shutdown): return shutdown.follower(isShutdown: isShutdown, deadline: deadline)
        case .answered(let result):
            request.complete(result)
            return request
        }
    }

    /// True in a forked child: the worker belongs to the parent.
    var isOfParent: Bool { generation != ProcessGeneration.current }

    private func refused(isShutdown: Bool, _ deadline: Deadline) -> FlushRequest {
        Diagnostics.report(
            .warning, topic: "fork",
            "Telemetry was started before this process was forked from its parent: the parent exports what was recorded until then, and what"
                + " is recorded here is dropped and counted. To export from here, start telemetry anew after the fork.")
        let request = FlushRequest(isShutdown: isShutdown, deadline: deadline)
        request.complete(.failed)
        return request
    }

    /// Fails all requests, also those to come, because there is no worker.
    func close() {
        let unanswered = state.withLock { state in
            state.isClosed = true
            state.new = []
            defer { state.unanswered = [] }
            return state.unanswered
        }
        for request in unanswered { request.complete(.failed) }
    }

    // MARK: On the worker's thread

    /// The requests that have come since the last call, oldest first.
    func takeNew() -> [FlushRequest] {
        state.withLock { state in
            defer { state.new.removeAll() }
            return state.new
        }
    }

    /// Notes a loss; every request that concerns it will report it.
    ///
    /// - Parameter position: how many items had been accepted before it.
    func noteLoss(at position: Int) {
        state.withLock { $0.losses.note(at: position, $0.unanswered) }
    }

    /// Flushes the destination, shuts it down if requested, and answers, even after the deadline. Must be called on the worker's thread.
    ///
    /// - Parameter isDelivered: true if all items that the request concerns have been delivered or lost.
    func answer(_ request: FlushRequest, isDelivered: Bool) {
        let deadline = request.deadline
        if request.isShutdown { destination.prepareShutdown(deadline: deadline) }
        var ending = runner.run(until: deadline) { [destination] in await destination.forceFlush(deadline: deadline) }
        if request.isShutdown {
            ending = ending.combined(with: runner.run(until: deadline) { [destination] in await destination.shutdown(deadline: deadline) })
        }
        // A failure of the destination concerns every request that waits.
        if ending == .failed { noteLoss(at: 0) }
        let hasLost = request.coversLoss.load(ordering: .relaxed)
        let isInTime = isDelivered && !deadline.hasPassed
        let result = ending.combined(with: !isInTime ? .timedOut : hasLost ? .failed : .completed)
        request.complete(result) {
            state.withLock { state in
                if result == .failed { state.losses.report(request) }
            }
        }
        state.withLock { state in state.unanswered.removeAll { $0 === request } }
    }
}
