// The exporter for tests of the metrics signal.

/// Keeps collected metrics in memory, for tests of programs that measure.
///
/// Put it behind a reader and flush before looking: `metrics: [.periodic(memory)]`. (Specification: metrics exporters, "In-memory".)
public final class InMemoryMetricExporter: MetricExporter {
    private struct State {
        var batches: [MetricBatch] = []
        var pointCount = 0
        var droppedCount = 0
        var isShutDown = false
    }

    /// The temporality of the exported metrics.
    public let temporality: TemporalityPreference
    /// Aggregations by kind of instrument, unless a view sets another.
    public let aggregations: [InstrumentKind: Aggregation]
    /// The limit for points of all batches; a batch beyond it is dropped and its points are counted.
    public let capacity: Int
    private let state = Locked(State())

    public init(
        temporality: TemporalityPreference = .cumulative, aggregations: [InstrumentKind: Aggregation] = [:], capacity: Int = 100_000
    ) {
        self.temporality = temporality
        self.aggregations = aggregations
        self.capacity = capacity
    }

    /// The exported batches, oldest first.
    public var batches: [MetricBatch] { state.withLock { $0.batches } }

    /// The number of dropped points.
    public var droppedCount: Int { state.withLock { $0.droppedCount } }

    /// Returns the newest metric of a name, with its points.
    public func metric(named name: String) -> MetricData? {
        batches.reversed().lazy.compactMap { $0.metrics.last { $0.name == name } }.first
    }

    /// Returns the newest points of a metric.
    public func points(of name: String) -> MetricPoints? { metric(named: name)?.points }

    /// Returns the newest value of a counter, an up-down counter or a gauge for exactly these attributes.
    public func value(of name: String, _ attributes: Attributes = [:]) -> MetricNumber? {
        points(of: name)?.numbers.first { $0.attributes == attributes }?.value
    }

    /// Removes all metrics.
    public func reset() {
        state.withLock { state in
            state.batches = []
            state.pointCount = 0
            state.droppedCount = 0
        }
    }

    public func export(_ batch: borrowing MetricBatch, deadline: Deadline) async throws(ExportFailure) {
        let batch = copy batch
        let count = batch.pointCount
        let isTaken = state.withLock { state in
            guard !state.isShutDown else { return false }
            if count <= capacity - state.pointCount {
                state.batches.append(batch)
                state.pointCount += count
            } else {
                state.droppedCount += count
            }
            return true
        }
        if !isTaken { throw .shutDown }
    }

    public func shutdown(deadline: Deadline) async -> FlushResult {
        state.withLock { $0.isShutDown = true }
        return .completed
    }
}

extension InMemoryMetricExporter: CheckedSettings {
    var problem: ConfigurationError? { KeptItems<MetricBatch>.problem(capacity: capacity) }
}
