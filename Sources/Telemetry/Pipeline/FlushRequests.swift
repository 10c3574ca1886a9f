// Takes requests to flush and to shut down from any thread to the one that exports.

import Synchronization

/// Takes requests to flush and to shut down from any thread to the worker of one destination, and has the worker answer them.
final class FlushRequests: Sendable {
    private struct State {
        var new: [FlushRequest] = []
        var shutdownDeadline: Deadline?
        /// What those get who come when nobody looks any more.
        var answerToLateOnes: FlushResult?
    }

    private let destination: any ExportDestination
    private let wake: WakeSignal
    private let runner: ExportRunner
    private let state = Mutex(State())

    /// - Parameters:
    ///   - wake: what the worker waits for.
    ///   - runner: runs the destination's code on the worker's thread.
    init(to destination: any ExportDestination, wake: WakeSignal, runner: ExportRunner) {
        self.destination = destination
        self.wake = wake
        self.runner = runner
    }

    /// When the shutdown that somebody has asked for has to be over.
    var shutdownDeadline: Deadline? { state.withLock { $0.shutdownDeadline } }

    /// Asks for a flush or for the shutdown, without waiting for it; after a shutdown there is nothing left to do.
    func request(isShutdown: Bool, _ deadline: Deadline) -> FlushRequest {
        let request = FlushRequest(isShutdown: isShutdown, deadline: deadline) { [destination] in
            // What hangs now would take the time from all that waits behind it.
            if isShutdown { destination.hurry() }
        } whenTimedOut: { [runner] in
            // An export that is still under way at the end has had its time.
            if isShutdown { runner.cancel() }
        }
        let answer = state.withLock { state in
            if let answer = state.answerToLateOnes { return Optional(answer) }
            if isShutdown {
                state.shutdownDeadline = deadline
                state.answerToLateOnes = .completed
            }
            state.new.append(request)
            return nil
        }
        if let answer { request.complete(answer) } else { wake.raise() }
        return request
    }

    /// Fails all requests, those to come as well: there is no worker.
    func close() {
        let new = state.withLock { state in
            state.answerToLateOnes = .failed
            defer { state.new.removeAll() }
            return state.new
        }
        for request in new { request.complete(.failed) }
    }

    // MARK: On the worker's thread

    /// The requests that have come since the last call, oldest first.
    func takeNew() -> [FlushRequest] {
        state.withLock { state in
            defer { state.new.removeAll() }
            return state.new
        }
    }

    /// Has the destination flush, and end if that was asked for, even when the time is over, and tells who asked how it ended.
    ///
    /// - Parameter own: how delivering what there was has ended.
    func answer(_ request: FlushRequest, _ own: FlushResult) {
        let deadline = request.deadline
        var result = own.combined(with: runner.run(until: deadline) { [destination] in await destination.forceFlush(deadline: deadline) })
        if request.isShutdown {
            result = result.combined(with: runner.run(until: deadline) { [destination] in await destination.shutdown(deadline: deadline) })
        }
        request.complete(result)
    }
}
