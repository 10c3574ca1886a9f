// Concurrent recording, flushing, forking and shutdown.

import Synchronization
import Testing

@testable import Telemetry

@Suite(.serialized) struct LifecycleContentionTests {
    private static let rounds = EnvironmentReader.process.integer("LIFECYCLE_ROUNDS", in: 1...1_000_000) ?? 5
    private static let taskCount = 16

    private final class Tally: Sendable {
        let recorded = Atomic(0)
    }

    private struct System {
        let telemetry: TelemetrySystem
        let spans = InMemorySpanExporter()
        let logs = InMemoryLogExporter()
        let metrics = InMemoryMetricExporter()

        init() throws {
            telemetry = try TelemetrySystem.start(
                resource: .empty, resourceIsComplete: true, spans: [.batch(spans)], metrics: [.periodic(metrics)], logs: [.batch(logs)],
                environment: [:])
        }

        /// Records an item of each signal.
        func record(_ number: Int) {
            let span = telemetry.tracer("scope \(number % 3)").startSpan("work")
            span["number"] = .int(Int64(number))
            telemetry.logger("scope \(number % 3)").info("work", ["number": .int(Int64(number))])
            telemetry.meter("scope \(number % 3)").counter("works").add(1, ["number": .int(Int64(number % 20))])
            span.end()
        }
    }

    @Test func concurrentRecordFlushForkAndShutdownKeepExactCounts() async throws {
        // First uses take locks of the Swift runtime, which may be held in a child.
        let warm = try System()
        warm.record(0)
        _ = warm.telemetry.health
        _ = await warm.telemetry.shutdown()
        for _ in 0..<Self.rounds {
            let system = try System()
            let tally = Tally()
            let children = try await withThrowingTaskGroup(of: ForkedChild?.self) { group in
                for task in 0..<Self.taskCount {
                    group.addTask {
                        for number in 0..<100 {
                            system.record(number)
                            tally.recorded.wrappingAdd(1, ordering: .relaxed)
                            if number % 25 == task { _ = await system.telemetry.forceFlush(within: .patience) }
                        }
                        switch task % 4 {
                        case 0:
                            return try ForkedChild {
                                system.record(task)
                                // The child has no items of the parent, and after its shutdown it accepts none.
                                let isExact = system.telemetry.health.pipelines.allSatisfy { pipeline in
                                    pipeline.waiting == 0 && pipeline.accepted <= 1
                                        && pipeline.accepted == pipeline.dropped[.alreadyShutDown] ?? 0
                                }
                                return isExact ? 0 : 1
                            }
                        case 1: _ = await system.telemetry.shutdown(within: .patience)
                        default: break
                        }
                        return nil
                    }
                }
                return try await group.reduce(into: [ForkedChild]()) { if let child = $1 { $0.append(child) } }
            }
            for child in children { #expect(child.wait() == 0, "0: the child has counted its own items") }
            #expect(await system.telemetry.shutdown(within: .patience) == .completed)
            let health = system.telemetry.health.pipelines
            for pipeline in health {
                #expect(pipeline.waiting == 0 && pipeline.accepted == pipeline.exported + pipeline.droppedCount, "\(pipeline)")
            }
            let count = UInt64(tally.recorded.load(ordering: .relaxed))
            #expect(health.filter { $0.queueCapacity > 0 }.allSatisfy { $0.accepted <= count }, "\(health)")
            #expect(health[0].exported == UInt64(system.spans.finishedSpans.count))
        }
    }
}
