// The counts and the last failure of a pipeline.

import Testing

@testable import Telemetry

struct PipelineHealthTests {
    @Test func acceptedEqualsExportedPlusDroppedPlusWaiting() async throws {
        let gate = Semaphore()
        let probe = ProbeExporter(gate: gate)
        let telemetry = try TelemetrySystem.start(
            spans: [.batch(probe, options: BatchOptions(maxQueueSize: 8, maxExportBatchSize: 4, scheduleDelay: .seconds(3600)))],
            metrics: [], logs: [], environment: [:])
        let tracer = telemetry.tracer("x")
        for _ in 0..<4 { tracer.startSpan("x", parent: .root).end() }
        #expect(await eventually { probe.names.count == 4 })
        for _ in 0..<10 { tracer.startSpan("x", parent: .root).end() }
        let busy = try #require(telemetry.health.pipelines.first)
        #expect(telemetry.health.pipelines.count == 1)
        #expect(busy.accepted == 14 && busy.waiting == 12 && busy.exported == 0)
        #expect(busy.dropped == [.queueFull: 2] && busy.droppedCount == 2 && busy.queueCapacity == 8)
        for _ in 0..<3 { gate.post() }
        await telemetry.shutdown(within: .seconds(60))
        let idle = try #require(telemetry.health.pipelines.first)
        #expect(idle.exported == 12 && idle.waiting == 0 && idle.accepted == idle.exported + idle.droppedCount)
    }

    @Test func lastFailureHasItsMessageAndTime() async throws {
        let telemetry = try TelemetrySystem.start(
            spans: [.batch(ProbeExporter(failure: .rejected(reason: "the receiver wants a token")))], environment: [:])
        let before = Timestamp.now
        telemetry.tracer("x").startSpan("x", parent: .root).end()
        await telemetry.shutdown(within: .seconds(60))
        let failure = try #require(telemetry.health.pipelines.first?.lastFailure)
        #expect(failure.message == "the receiver wants a token")
        #expect(failure.time >= before && failure.time <= .now)
    }

    @Test func componentNamesAreNumberedByKind() {
        let kind = "component under test"
        #expect((0..<3).map { _ in ComponentNames.next(kind) } == ["\(kind)/0", "\(kind)/1", "\(kind)/2"])
    }

    @Test func healthNamesProcessorAndDestination() async throws {
        let telemetry = try TelemetrySystem.start(spans: [.batch(ProbeExporter())], environment: [:])
        let health = try #require(telemetry.health.pipelines.first)
        #expect(health.name.hasPrefix("batching_span_processor/"))
        #expect(health.destination == "ProbeExporter")
        await telemetry.shutdown()
    }

    @Test func dropReasonsAreDescribedInWords() {
        #expect(DropReason.allCases.map(\.description).prefix(3) == ["queue full", "already shutdown", "rejected"])
    }

    @Test func dropReasonsMatchTheSemanticConventions() {
        #expect(DropReason.queueFull.rawValue == "queue_full")
        #expect(DropReason.alreadyShutDown.rawValue == "already_shutdown")
        #expect(DropReason.rejected.rawValue == "rejected")
        #expect(DropReason.timedOut.rawValue == "timeout")
        #expect(Set(DropReason.allCases.map(\.rawValue)).count == DropReason.allCases.count)
    }
}
