// Runs the callbacks of observable instruments for one collection.

/// One call of every callback; observations count if their callback returns before the deadline.
///
/// (Specification: metrics SDK, "Asynchronous instruments".)
final class CallbackRound: Sendable {
    private struct State {
        var finished: [[ObjectIdentifier: [Observation]]] = []
        var running: RegisteredCallback?
        var isOver = false
    }

    private let callbacks: [RegisteredCallback]
    private let state = Locked(State())
    private let isDone = Semaphore()

    private init(_ callbacks: [RegisteredCallback]) {
        self.callbacks = callbacks
    }

    /// Calls all callbacks and returns their observations by instrument.
    static func run(_ callbacks: [RegisteredCallback], deadline: Deadline) -> [ObjectIdentifier: [Observation]] {
        let callbacks = callbacks.filter { $0.instruments.contains(where: \.isEnabled) }
        guard !callbacks.isEmpty else { return [:] }
        let round = CallbackRound(callbacks)
        let mark = CollectionMark.current
        guard WorkerThread.start(named: "metric-callbacks", { CollectionMark.$current.withValue(mark) { round.callAll() } }) else {
            Diagnostics.report(.error, topic: "metrics.callbacks", "The system gives no thread for callbacks: nothing is observed.")
            return [:]
        }
        _ = round.isDone.wait(until: deadline)
        return round.end()
    }

    private func callAll() {
        for callback in callbacks {
            let isOver = state.withLock { state in
                if !state.isOver { state.running = callback }
                return state.isOver
            }
            guard !isOver else { return }
            guard callback.begin() else {
                Self.report(callback, "is still running since an earlier collection, and left out of this one. Have it return sooner.")
                continue
            }
            defer { callback.end() }
            let batch = ObservationBatch(Set(callback.instruments.map { ObjectIdentifier($0) }))
            do {
                try callback.body(batch)
                // Observations after the return of the callback are dropped.
                let observations = batch.close()
                state.withLock { $0.finished.append(observations) }
            } catch {
                _ = batch.close()
                Self.report(callback, "failed, and what it observed is left out: \(error)")
            }
        }
        isDone.post()
    }

    /// Ends the round, even if a callback is still running.
    private func end() -> [ObjectIdentifier: [Observation]] {
        let (finished, late) = state.withLock { state in
            defer { state.isOver = true }
            return (state.finished, state.finished.count < callbacks.count ? state.running : nil)
        }
        if let late, !late.begin() {
            Self.report(late, "took longer than a collection may: it and those after it are left out. Have it return sooner.")
        } else {
            late?.end()
        }
        var observations: [ObjectIdentifier: [Observation]] = [:]
        for found in finished { observations.merge(found) { $0 + $1 } }
        return observations
    }

    private static func report(_ callback: RegisteredCallback, _ message: String) {
        Diagnostics.report(
            .warning, topic: "metrics.callback.\(callback.name)", "A callback that observes \(callback.name) \(message)")
    }
}
