// The in-memory metric exporter: newest values, capacity, shutdown.

import Testing

@testable import Telemetry

struct InMemoryMetricExporterTests {
    private func counter(_ value: MetricNumber, _ attributes: Attributes = [:]) -> MetricBatch {
        let time = Timestamp(nanosecondsSinceEpoch: 1)
        let points = [NumberPoint(attributes: attributes, startTime: time, time: time, value: value)]
        let metric = MetricData(name: "albums", points: .sum(points, temporality: .delta, isMonotonic: true))
        return MetricBatch(
            resource: .empty, scopes: [ScopeMetrics(instrumentationScope: InstrumentationScope(name: "s"), metrics: [metric])])
    }

    @Test func temporalityIsConfigurableAndCumulativeByDefault() {
        #expect(InMemoryMetricExporter().temporality == .cumulative)
        let exporter = InMemoryMetricExporter(temporality: .delta, aggregations: [.histogram: .exponentialHistogram()])
        let options = PeriodicMetricReader(exporter).options
        #expect(options.temporality == .delta && options.aggregations == [.histogram: .exponentialHistogram()])
    }

    @Test func exporterBehindReaderKeepsMetricsAfterFlush() async throws {
        let memory = InMemoryMetricExporter()
        let reader = PeriodicMetricReader(memory, every: .seconds(3600))
        try reader.configure(EnvironmentReader([:]))
        reader.register(MetricSource(pointCount: 3).collector())
        #expect(memory.batches.isEmpty && memory.metric(named: "1") == nil && memory.value(of: "1") == nil)
        #expect(await reader.forceFlush(deadline: .after(.seconds(60))) == .completed)
        #expect(memory.metric(named: "1")?.points.count == 3)
        #expect(memory.value(of: "1", ["index": 2]) == 2 && memory.value(of: "1", ["index": 3]) == nil)
        _ = await reader.shutdown(deadline: .after(.seconds(60)))
    }

    @Test func accessorsReturnTheNewestValue() async throws {
        let memory = InMemoryMetricExporter()
        try await memory.export(counter(1, ["a": 1]), deadline: .never)
        try await memory.export(counter(2, ["a": 1]), deadline: .never)
        try await memory.export(.madeUp("other", pointCount: 1), deadline: .never)
        #expect(memory.value(of: "albums", ["a": 1]) == 2 && memory.points(of: "albums")?.numbers.count == 1)
        #expect(memory.batches.flatMap(\.metrics).map(\.name) == ["albums", "albums", "other"])
        memory.reset()
        #expect(memory.batches.isEmpty)
    }

    @Test func batchesBeyondCapacityAreDroppedAndTheirPointsCounted() async throws {
        let memory = InMemoryMetricExporter(capacity: 4)
        for count in [3, 2, 1] { try await memory.export(.madeUp("\(count)", pointCount: count), deadline: .never) }
        #expect(memory.batches.map(\.pointCount) == [3, 1] && memory.droppedCount == 2)
        memory.reset()
        try await memory.export(.madeUp("again", pointCount: 4), deadline: .never)
        #expect(memory.batches.map(\.pointCount) == [4] && memory.droppedCount == 0)
    }

    @Test func shutdownKeepsItemsAndRejectsNewOnes() async throws {
        let memory = InMemoryMetricExporter()
        try await memory.export(counter(1), deadline: .never)
        #expect(await memory.shutdown(deadline: .never) == .completed)
        await #expect(throws: ExportFailure.shutDown) { try await memory.export(counter(2), deadline: .never) }
        #expect(memory.value(of: "albums") == 1)
    }
}
