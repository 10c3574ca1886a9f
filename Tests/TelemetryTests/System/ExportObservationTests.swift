// What another part of the program sees of everything that a system exports.

import Synchronization
import Testing

@testable import Telemetry

/// Collects what an observation shows, as names of spans, names of metrics, and bodies of records.
private final class Seen: Sendable {
    private let state = Mutex<[String]>([])

    var names: [String] { state.withLock { $0 } }

    func observation(of system: TelemetrySystem) -> ExportObservation? {
        ExportObservation(
            of: system, spans: { batch in self.add(batch.map(\.name)) },
            metrics: { batch in self.add(batch.scopes.flatMap { $0.metrics.map(\.name) }) },
            logs: { batch in self.add(batch.map { "\($0.body ?? .empty)" }) })
    }

    private func add(_ names: [String]) { state.withLock { $0 += names } }
}

/// An exporter that never answers, as if its receiver was away.
private struct HangingExporter: SpanExporter {
    func export(_ batch: borrowing SpanBatch, deadline: Deadline) async throws(ExportFailure) {
        try? await Task.sleep(for: .seconds(3_600))
        throw .timedOut(reason: "the receiver is away")
    }

    func forceFlush(deadline: Deadline) async -> FlushResult { .timedOut }
    func shutdown(deadline: Deadline) async -> FlushResult { .timedOut }
}

struct ExportObservationTests {
    private let spans = InMemorySpanExporter()
    private let metrics = InMemoryMetricExporter()
    private let logs = InMemoryLogExporter()

    private func system() throws -> TelemetrySystem {
        try TelemetrySystem.start(
            detectors: [], sampler: .alwaysOn, spans: [.batch(spans)], propagators: [],
            metrics: [.periodic(metrics, every: .seconds(3_600))], logs: [.batch(logs)], environment: [:])
    }

    private func record(_ name: String, to system: TelemetrySystem) async {
        system.tracer("tests").startSpan(name, parent: .root).end()
        system.logger("tests").info("\(name)")
        system.meter("tests").counter(name).add(1)
        #expect(await system.forceFlush(within: .seconds(60)) == .completed)
    }

    @Test func allSignalsAreSeenOnceBesideTheirExport() async throws {
        let system = try system()
        let seen = Seen()
        let observation = try #require(seen.observation(of: system))
        await record("one", to: system)
        #expect(seen.names.count { $0.contains("one") } == 3)
        #expect(spans.finishedSpans.map(\.name) == ["one"] && logs.finishedRecords.count == 1)
        #expect(metrics.value(of: "one") == 1)
        observation.end()
        await system.shutdown(within: .seconds(60))
    }

    @Test func endedObservationSeesNothingMore() async throws {
        let system = try system()
        let seen = Seen()
        try #require(seen.observation(of: system)).end()
        await record("one", to: system)
        #expect(seen.names.isEmpty && spans.finishedSpans.count == 1)
        await system.shutdown(within: .seconds(60))
    }

    @Test func endOfAnEarlierObservationLeavesTheLaterOneAlone() async throws {
        let system = try system()
        let (earlier, later) = (Seen(), Seen())
        let first = try #require(earlier.observation(of: system))
        let second = try #require(later.observation(of: system))
        first.end()
        await record("one", to: system)
        #expect(earlier.names.isEmpty && later.names.count == 3)
        second.end()
        await system.shutdown(within: .seconds(60))
    }

    @Test func spansAreSeenBeforeAReceiverAnswers() async throws {
        let options = BatchOptions(scheduleDelay: .milliseconds(1))
        let system = try TelemetrySystem.start(
            detectors: [], sampler: .alwaysOn, spans: [.batch(HangingExporter(), options: options)], propagators: [], metrics: [], logs: [],
            environment: [:])
        let seen = Seen()
        let observation = try #require(seen.observation(of: system))
        system.tracer("tests").startSpan("one", parent: .root).end()
        #expect(await eventually { seen.names == ["one"] })
        observation.end()
        await system.shutdown(within: .milliseconds(10))
    }

    @Test func systemThatExportsNothingInBatchesCannotBeObserved() async throws {
        let system = try TelemetrySystem.start(
            detectors: [], spans: [spans], propagators: [], metrics: [.prometheus(hasEndpoint: false)], logs: [logs], environment: [:])
        #expect(Seen().observation(of: system) == nil)
        await system.shutdown(within: .seconds(60))
    }
}
