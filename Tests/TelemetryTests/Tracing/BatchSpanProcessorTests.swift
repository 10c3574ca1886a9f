// The span processors that export.

import Synchronization
import Testing

@testable import Telemetry

struct BatchSpanProcessorTests {
    private static let hour = Duration.seconds(3600)

    private static func provider(_ processors: any SpanProcessor...) -> TracerProvider {
        TracerProvider(
            resource: .empty, sampler: .alwaysOn, limits: SpanLimits(), processors: processors, idGenerator: nil, clock: .system)
    }

    @Test(arguments: [true, false])
    func endingASpanDoesNotWaitForTheExporter(isImmediate: Bool) async {
        let gate = Semaphore()
        let probe = ProbeExporter(gate: gate)
        let options = BatchOptions(maxQueueSize: 4, maxExportBatchSize: 1, scheduleDelay: Self.hour)
        let provider = Self.provider(
            isImmediate ? SimpleSpanProcessor(probe, maxQueueSize: 4) : BatchSpanProcessor(probe, options: options))
        let tracer = provider.tracer(InstrumentationScope(name: "x"))
        // The exporter returns only once all spans have ended: if one waited for it, the test would hang.
        for _ in 0..<100 { tracer.startSpan("work", parent: .root).end() }
        #expect(probe.state.batches.count <= 1)
        for _ in 0..<100 { gate.post() }
        #expect(await provider.shutdown(deadline: .after(.seconds(300))) == .completed)
    }

    @Test func simpleProcessorExportsOneSpanPerBatch() async {
        let probe = ProbeExporter()
        let provider = Self.provider(SimpleSpanProcessor(probe))
        let tracer = provider.tracer(InstrumentationScope(name: "x"))
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<4 { group.addTask { for _ in 0..<100 { tracer.startSpan("work", parent: .root).end() } } }
        }
        #expect(await provider.shutdown(deadline: .after(.seconds(300))) == .completed)
        #expect(probe.state.mostRunning == 1 && probe.names.count == 400)
        #expect(probe.state.batches.allSatisfy { $0.count == 1 })
    }

    @Test func emptyBatchIsNotExported() async {
        let clock = ManualClock()
        let probe = ProbeExporter()
        let processor = BatchSpanProcessor(probe, options: BatchOptions(scheduleDelay: .seconds(1)), clock: .manual(clock))
        clock.advance(by: .seconds(10))
        #expect(await processor.forceFlush(deadline: .after(.seconds(300))) == .completed)
        #expect(await processor.shutdown(deadline: .after(.seconds(300))) == .completed)
        #expect(probe.state.batches.isEmpty && probe.state.flushes >= 1 && probe.state.shutdowns == 1)
    }

    /// Suspends until it is cancelled.
    private final class PatientExporter: SpanExporter {
        private struct State {
            var suspended: CheckedContinuation<Void, Never>?
            var isCancelled = false
        }

        private let state = Mutex(State())

        var isCancelled: Bool { state.withLock { $0.isCancelled } }

        func export(_ batch: borrowing SpanBatch, deadline: Deadline) async throws(ExportFailure) {
            await withTaskCancellationHandler {
                await withCheckedContinuation { continuation in
                    let isLate = state.withLock { state in
                        if !state.isCancelled { state.suspended = continuation }
                        return state.isCancelled
                    }
                    if isLate { continuation.resume() }
                }
            } onCancel: {
                let suspended = state.withLock { state in
                    state.isCancelled = true
                    defer { state.suspended = nil }
                    return state.suspended
                }
                suspended?.resume()
            }
            throw .timedOut()
        }
    }

    @Test func exportIsCancelledAtItsTimeout() async {
        let exporter = PatientExporter()
        let processor = BatchSpanProcessor(exporter, options: BatchOptions(scheduleDelay: Self.hour, exportTimeout: .milliseconds(10)))
        let provider = Self.provider(processor)
        provider.tracer(InstrumentationScope(name: "x")).startSpan("work", parent: .root).end()
        #expect(await provider.forceFlush(deadline: .after(.seconds(300))) == .failed)
        #expect(exporter.isCancelled && processor.health.droppedCount == 1)
        #expect(await provider.shutdown(deadline: .after(.seconds(300))) == .completed)
    }

    @Test func defaultOptionsMatchTheSpecification() {
        let options = BatchOptions(EnvironmentReader([:]), prefix: "OTEL_BSP")
        #expect(options == BatchOptions() && options.maxQueueSize == 2048 && options.maxExportBatchSize == 512)
        #expect(options.scheduleDelay == .milliseconds(5000) && options.exportTimeout == .milliseconds(30_000))
        #expect(BatchOptions(EnvironmentReader([:]), prefix: "OTEL_BLRP", scheduleDelay: .seconds(1)).scheduleDelay == .milliseconds(1000))
    }

    @Test func batchSizeIsLimitedToTheQueueSize() {
        #expect(BatchOptions(maxQueueSize: 10, maxExportBatchSize: 100).maxExportBatchSize == 10)
        #expect(BatchOptions(maxQueueSize: 100).maxExportBatchSize == 100)
        let variables = ["OTEL_BSP_MAX_QUEUE_SIZE": "10", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "11"]
        #expect(BatchOptions(EnvironmentReader(variables), prefix: "OTEL_BSP").maxExportBatchSize == 10)
    }

    @Test func exportAfterShutdownFails() async {
        let memory = InMemorySpanExporter()
        #expect(await memory.shutdown(deadline: .after(.seconds(300))) == .completed)
        await #expect(throws: ExportFailure.shutDown) {
            try await memory.export(SpanBatch(items: ItemBatch()), deadline: .after(.seconds(300)))
        }
    }

    /// Observes whether an object is still alive.
    private final class Observer: Sendable {
        private weak let scope: RecordedScope?

        init(_ scope: RecordedScope) {
            self.scope = scope
        }

        var isThere: Bool { scope != nil }
    }

    @Test func scopeOfAForwardedSpanIsFreedWithItsBatch() async throws {
        let template = try Recording().finished(["a": 1])
        let probe = ProbeExporter()
        let processor = BatchSpanProcessor(probe, options: BatchOptions(scheduleDelay: Self.hour))
        func passOn(_ number: Int) -> Observer {
            let scope = RecordedScope(InstrumentationScope(name: "received \(number)"), resource: RecordedResource(.empty))
            processor.onEnd(ReadableSpan(EncodedItem(bytes: template.withMessage { Array($0) }, received: scope)))
            return Observer(scope)
        }
        let observers = (0..<100).map { passOn($0) }
        #expect(observers.allSatisfy { $0.isThere }, "As long as a span waits, its scope is needed.")
        #expect(await processor.forceFlush(deadline: .after(.seconds(300))) == .completed)
        #expect(probe.names.count == 100)
        #expect(await eventually { !observers.contains { $0.isThere } })
        #expect(await processor.shutdown(deadline: .after(.seconds(300))) == .completed)
    }

    @Test func retainedSpanKeepsItsScopeBeyondItsBatch() async throws {
        let memory = InMemorySpanExporter()
        let processor = BatchSpanProcessor(memory, options: BatchOptions(scheduleDelay: Self.hour))
        let template = try Recording().finished(["a": 1])
        for number in 0..<10 {
            let resource = RecordedResource(Resource(attributes: ["number": AttributeValue(number)]))
            let scope = RecordedScope(InstrumentationScope(name: "received"), resource: resource)
            processor.onEnd(ReadableSpan(EncodedItem(bytes: template.withMessage { Array($0) }, received: scope)))
        }
        #expect(await processor.shutdown(deadline: .after(.seconds(300))) == .completed)
        #expect(memory.finishedSpans.count == 10 && memory.finishedSpans.allSatisfy { $0.instrumentationScope.name == "received" })
        #expect(Set(memory.finishedSpans.map { $0.resource.attributes["number"]?.intValue ?? -1 }) == Set(0..<10))
    }
}
