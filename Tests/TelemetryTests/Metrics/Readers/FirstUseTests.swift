// Threads of readers that start with the first meter.

import Synchronization
import Testing

@testable import Telemetry

struct FirstUseTests {
    @Test func actionsRunOnceAtTheFirstUseAndAtOnceAfterIt() {
        let use = FirstUse()
        let runs = Mutex<[Int]>([])
        use.whenBegun { runs.withLock { $0.append(1) } }
        use.whenBegun { runs.withLock { $0.append(2) } }
        #expect(runs.withLock { $0 } == [])
        use.begin()
        use.begin()
        #expect(runs.withLock { $0 } == [1, 2])
        use.whenBegun { runs.withLock { $0.append(3) } }
        #expect(runs.withLock { $0 } == [1, 2, 3])
    }

    @Test func periodicReaderStartsItsThreadWithTheFirstMeter() async throws {
        let reader = PeriodicMetricReader(KeepingExporter(), every: .seconds(3600))
        let provider = try MeterProvider(resource: .empty, readers: [reader])
        let pipeline = try #require(reader.pipeline)
        #expect(pipeline.wake.isStartDue)
        _ = provider.meter(InstrumentationScope(name: "m"))
        #expect(!pipeline.wake.isStartDue)
        #expect(await reader.shutdown(deadline: .after(.seconds(60))) == .completed)
    }

    @Test func readerThatIsNeverUsedShutsDown() async throws {
        let exporter = KeepingExporter()
        let reader = PeriodicMetricReader(exporter, every: .seconds(3600))
        let provider = try MeterProvider(resource: .empty, readers: [reader])
        #expect(await reader.shutdown(deadline: .after(.seconds(60))) == .completed)
        #expect(exporter.shutdowns.load(ordering: .relaxed) == 1)
        withExtendedLifetime(provider) {}
    }

    private final class KeepingExporter: MetricExporter {
        let shutdowns = Atomic(0)

        func export(_ batch: borrowing MetricBatch, deadline: Deadline) async throws(ExportFailure) {}

        func shutdown(deadline: Deadline) async -> FlushResult {
            shutdowns.add(1, ordering: .relaxed)
            return .completed
        }
    }
}
