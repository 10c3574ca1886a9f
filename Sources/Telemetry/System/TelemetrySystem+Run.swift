// Structured lifetime of telemetry: start, work, signals, shutdown.

extension TelemetrySystem {
    /// Starts telemetry, runs the work, and shuts down when it returns, throws, or is cancelled by a signal.
    ///
    /// `SIGTERM` and `SIGINT` cancel the work, unless the program handles them itself; a second `SIGINT` ends the process as usual. The
    /// work then has the duration to return, and the export at shutdown has the same duration once more.
    ///
    /// ```swift
    /// try await TelemetrySystem.run(resource: .service("album-store")) { telemetry in
    ///     try await serve(telemetry)
    /// }
    /// ```
    ///
    /// It can be called at the top level of a `main.swift`, on whose actor the work then runs. For settings that are no parameters
    /// start and run separately: `TelemetrySystem.start(…).run { … }`.
    ///
    /// - Throws: ``ConfigurationError`` as ``start(resource:resourceIsComplete:detectors:sampler:spans:spanOptions:propagators:metrics:views:metricOptions:logs:logOptions:selfMetrics:clock:environment:components:)``
    ///   does, and the error of the work; `CancellationError` is not rethrown after a signal.
    public static func run(
        resource: Resource? = nil, sampler: (any Sampler)? = nil, spans: [any SpanProcessor]? = nil, metrics: [any MetricReader]? = nil,
        logs: [any LogProcessor]? = nil, within duration: Duration = .seconds(5),
        @_inheritActorContext _ work: sending @escaping @isolated(any) (TelemetrySystem) async throws -> Void
    ) async throws {
        try await start(resource: resource, sampler: sampler, spans: spans, metrics: metrics, logs: logs).run(within: duration, work)
    }

    /// Runs the work and shuts down when it ends.
    public func run(
        within duration: Duration = .seconds(5),
        @_inheritActorContext _ work: sending @escaping @isolated(any) (TelemetrySystem) async throws -> Void
    ) async throws {
        let end = WorkEnd()
        // Signals are handled before the work begins, since the work itself may send one.
        let signals = StopSignals { end.stop(waiting: duration) }
        let task = Task {
            do {
                try await work(self)
                end.complete(.success(()))
            } catch {
                end.complete(.failure(error))
            }
        }
        end.begin(task)
        let result = await withTaskCancellationHandler {
            await end.result
        } onCancel: {
            task.cancel()
        }
        signals?.end()
        await shutdown(within: duration)
        if case .failure(let error) = result, !(end.isStopped && error is CancellationError) { throw error }
    }
}

/// The end of the work: its own, or its abandonment after a signal.
private final class WorkEnd: Sendable {
    private struct State {
        var result: Result<Void, any Error>?
        var waiting: CheckedContinuation<Result<Void, any Error>, Never>?
        var task: Task<Void, Never>?
        var isStopped = false
    }

    private let state = Locked(State())
    private let ended = Semaphore()

    /// Whether a signal was received.
    var isStopped: Bool { state.withLock { $0.isStopped } }

    /// Sets the task that runs the work.
    func begin(_ task: Task<Void, Never>) {
        let isStopped = state.withLock { state in
            state.task = task
            return state.isStopped
        }
        if isStopped { task.cancel() }
    }

    /// Waits for the result.
    var result: Result<Void, any Error> {
        get async {
            await withCheckedContinuation { continuation in
                let result = state.withLock { state in
                    if state.result == nil { state.waiting = continuation }
                    return state.result
                }
                if let result { continuation.resume(returning: result) }
            }
        }
    }

    /// Sets the result; only the first call has an effect.
    func complete(_ result: Result<Void, any Error>) {
        let waiting = state.withLock { state in
            guard state.result == nil else { return CheckedContinuation<Result<Void, any Error>, Never>?.none }
            state.result = result
            defer { state.waiting = nil }
            return state.waiting
        }
        waiting?.resume(returning: result)
        ended.post()
    }

    /// Cancels the work after a signal, and abandons it if it has not ended in time.
    func stop(waiting duration: Duration) {
        let task = state.withLock { state in
            state.isStopped = true
            return state.task
        }
        task?.cancel()
        guard !ended.wait(until: .after(duration)) else { return }
        Diagnostics.report(
            .warning, "the program's work did not end within \(duration) of being cancelled: telemetry is shut down without it.")
        complete(.success(()))
    }
}
