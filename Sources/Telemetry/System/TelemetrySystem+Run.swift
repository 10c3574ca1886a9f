// Telemetry for as long as a program's work takes.

extension TelemetrySystem {
    /// Starts telemetry, does the program's work, and shuts down however that ends: by returning, by throwing, or when the process is
    /// asked to stop.
    ///
    /// `SIGTERM` and `SIGINT` cancel the work, unless the program handles them itself; a second `SIGINT` ends the process as usual. The
    /// work then has the duration to return, and delivering what was recorded has it once more.
    ///
    /// ```swift
    /// try await TelemetrySystem.run(resource: .service("album-store")) { telemetry in
    ///     try await serve(telemetry)
    /// }
    /// ```
    ///
    /// It can stand at the top level of a `main.swift`, whose actor the work then runs on. What is not among the parameters is set by
    /// starting and running apart: `TelemetrySystem.start(…).run { … }`.
    ///
    /// - Throws: ``ConfigurationError`` as ``start(resource:resourceIsComplete:detectors:sampler:spans:spanOptions:propagators:metrics:views:metricOptions:logs:logOptions:selfMetrics:clock:environment:)``
    ///   does, and what the work throws; `CancellationError` is not thrown on when a signal was the reason.
    public static func run(
        resource: Resource? = nil, sampler: (any Sampler)? = nil, spans: [any SpanProcessor]? = nil, metrics: [any MetricReader]? = nil,
        logs: [any LogProcessor]? = nil, within duration: Duration = .seconds(5),
        @_inheritActorContext _ work: sending @escaping @isolated(any) (TelemetrySystem) async throws -> Void
    ) async throws {
        try await start(resource: resource, sampler: sampler, spans: spans, metrics: metrics, logs: logs).run(within: duration, work)
    }

    /// Does the program's work, and shuts down however that ends.
    public func run(
        within duration: Duration = .seconds(5),
        @_inheritActorContext _ work: sending @escaping @isolated(any) (TelemetrySystem) async throws -> Void
    ) async throws {
        let end = WorkEnd()
        // Before the work begins: it may be what asks the process to stop.
        let signals = StopSignals { end.stop(waiting: duration) }
        let task = Task {
            do {
                try await work(self)
                end.settle(.success(()))
            } catch {
                end.settle(.failure(error))
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

/// How the work of a program ended: by itself, or by being given up after it was told to stop.
private final class WorkEnd: Sendable {
    private struct State {
        var result: Result<Void, any Error>?
        var waiting: CheckedContinuation<Result<Void, any Error>, Never>?
        var task: Task<Void, Never>?
        var isStopped = false
    }

    private let state = Locked(State())
    private let ended = Semaphore()

    /// Whether a signal was the reason.
    var isStopped: Bool { state.withLock { $0.isStopped } }

    /// The task that does the work has begun.
    func begin(_ task: Task<Void, Never>) {
        let isStopped = state.withLock { state in
            state.task = task
            return state.isStopped
        }
        if isStopped { task.cancel() }
    }

    /// The result, once there is one.
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

    /// The first call counts.
    func settle(_ result: Result<Void, any Error>) {
        let waiting = state.withLock { state in
            guard state.result == nil else { return CheckedContinuation<Result<Void, any Error>, Never>?.none }
            state.result = result
            defer { state.waiting = nil }
            return state.waiting
        }
        waiting?.resume(returning: result)
        ended.post()
    }

    /// Gives the work some time to end after a signal, and gives it up then.
    func stop(waiting duration: Duration) {
        let task = state.withLock { state in
            state.isStopped = true
            return state.task
        }
        task?.cancel()
        guard !ended.wait(until: .after(duration)) else { return }
        Diagnostics.report(
            .warning, "the program's work did not end within \(duration) of being cancelled: telemetry is shut down without it.")
        settle(.success(()))
    }
}
