// An exporter and a source of metrics that tests inspect and make fail or hang.

import Synchronization

@testable import Telemetry

/// An exporter that logs its calls.
final class MetricProbe: MetricExporter {
    enum Behaviour: Sendable {
        case succeeding
        case failing(ExportFailure)
        /// Blocks its thread at each export until the semaphore is posted, even if cancelled.
        case blocking(Semaphore)
        /// Suspends at each export until it is cancelled.
        case suspending
        /// Suspends at each export until the suspension is resumed, even if cancelled.
        case holding(Suspension)
    }

    struct Log {
        /// The point counts of each batch by metric name.
        var batches: [[String: Int]] = []
        var remaining: [Duration] = []
        var running = 0
        var mostRunning = 0
        var cancellations = 0
        var flushes = 0
        var shutdowns = 0
        var wereAllSuppressed = true
    }

    let temporality: TemporalityPreference
    let aggregations: [InstrumentKind: Aggregation]
    let defaultInterval: Duration
    private let flushResult: FlushResult
    private let log = Mutex(Log())
    private let behaviour: Mutex<Behaviour>

    init(
        _ behaviour: Behaviour = .succeeding, temporality: TemporalityPreference = .cumulative,
        aggregations: [InstrumentKind: Aggregation] = [:], defaultInterval: Duration = .seconds(60), flushResult: FlushResult = .completed
    ) {
        self.behaviour = Mutex(behaviour)
        self.temporality = temporality
        self.aggregations = aggregations
        self.defaultInterval = defaultInterval
        self.flushResult = flushResult
    }

    var state: Log { log.withLock { $0 } }
    /// The point count of each batch.
    var sizes: [Int] { state.batches.map { $0.values.reduce(0, +) } }

    func behave(_ new: Behaviour) { behaviour.withLock { $0 = new } }

    func export(_ batch: borrowing MetricBatch, deadline: Deadline) async throws(ExportFailure) {
        let entry = Dictionary(batch.metrics.map { ($0.name, $0.points.count) }, uniquingKeysWith: +)
        log.withLock { log in
            log.running += 1
            log.mostRunning = max(log.mostRunning, log.running)
            log.batches.append(entry)
            log.remaining.append(deadline.remaining)
            if !Context.current.isSuppressed { log.wereAllSuppressed = false }
        }
        defer {
            log.withLock { log in
                log.running -= 1
                if Task.isCancelled { log.cancellations += 1 }
            }
        }
        switch behaviour.withLock({ $0 }) {
        case .succeeding: return
        case .failing(let failure): throw failure
        case .blocking(let gate): _ = gate.wait(until: .after(.seconds(60)))
        case .suspending:
            let suspension = Suspension()
            await withTaskCancellationHandler {
                await suspension.wait()
            } onCancel: {
                suspension.resume()
            }
            throw .timedOut()
        case .holding(let suspension): await suspension.wait()
        }
    }

    func forceFlush(deadline: Deadline) async -> FlushResult {
        log.withLock { $0.flushes += 1 }
        return flushResult
    }

    func shutdown(deadline: Deadline) async -> FlushResult {
        log.withLock { $0.shutdowns += 1 }
        return .completed
    }
}

/// Suspends a task, without blocking a thread, until `resume` is called.
final class Suspension: Sendable {
    private struct State {
        var suspended: CheckedContinuation<Void, Never>?
        var isOver = false
    }

    private let state = Mutex(State())

    func wait() async {
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                if !state.isOver { state.suspended = continuation }
                return state.isOver
            }
            if isOver { continuation.resume() }
        }
    }

    func resume() {
        let suspended = state.withLock { state in
            state.isOver = true
            defer { state.suspended = nil }
            return state.suspended
        }
        suspended?.resume()
    }
}

/// A source whose collections return one metric each, named by the collection's number, with the configured point count.
final class MetricSource: Sendable {
    private struct State {
        var collections = 0
        var remaining: [Duration] = []
        var pointCount: Int
        var error: MetricCollectionError?
        var gate: Semaphore?
    }

    private let state: Mutex<State>

    init(pointCount: Int = 1) {
        state = Mutex(State(pointCount: pointCount))
    }

    var collections: Int { state.withLock { $0.collections } }
    /// The time until the deadline, by collection.
    var remaining: [Duration] { state.withLock { $0.remaining } }

    func fail(_ error: MetricCollectionError?) { state.withLock { $0.error = error } }

    /// Blocks collections until the semaphore is posted.
    func block(_ gate: Semaphore?) { state.withLock { $0.gate = gate } }

    /// Returns a collector that keeps the source alive.
    func collector() -> MetricCollector {
        MetricCollector { deadline throws(MetricCollectionError) in try self.collect(deadline) }
    }

    private func collect(_ deadline: Deadline) throws(MetricCollectionError) -> MetricBatch {
        let state = state.withLock { state in
            state.collections += 1
            state.remaining.append(deadline.remaining)
            return state
        }
        if let gate = state.gate { _ = gate.wait(until: .after(.seconds(60))) }
        if let error = state.error { throw error }
        return .madeUp("\(state.collections)", pointCount: state.pointCount)
    }
}

extension MetricBatch {
    /// Returns a batch of one gauge, whose points have their indexes as values.
    static func madeUp(_ name: String, pointCount: Int) -> MetricBatch {
        let time = Timestamp(nanosecondsSinceEpoch: 1)
        let points = (0..<pointCount).map {
            NumberPoint(attributes: ["index": AttributeValue($0)], startTime: time, time: time, value: .int(Int64($0)))
        }
        return MetricBatch(
            resource: .empty,
            scopes: [
                ScopeMetrics(
                    instrumentationScope: InstrumentationScope(name: "made up"), metrics: [MetricData(name: name, points: .gauge(points))])
            ])
    }
}
