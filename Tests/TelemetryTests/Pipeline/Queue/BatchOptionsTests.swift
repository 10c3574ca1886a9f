// Options of batch processors that cannot be used, and the nearest ones that can.

import Testing

@testable import Telemetry

@Suite(.serialized) struct BatchOptionsTests {
    private static let hour = Duration.seconds(3600)

    @Test(
        arguments: [
            (BatchOptions(maxQueueSize: 0), "maxQueueSize", "0"), (BatchOptions(maxQueueSize: -5), "maxQueueSize", "-5"),
            (BatchOptions(maxExportBatchSize: 0), "maxExportBatchSize", "0"),
            (BatchOptions(scheduleDelay: .seconds(-1)), "scheduleDelay", "-1.0 seconds"),
            (BatchOptions(exportTimeout: .zero), "exportTimeout", "0.0 seconds"),
            (BatchOptions(fullQueuePolicy: .wait(atMost: .seconds(-2))), "fullQueuePolicy", "wait(atMost: -2.0 seconds)"),
        ] as [(BatchOptions, String, String)])
    func unusableOptionIsAProblemThatNamesItAndItsValue(options: BatchOptions, setting: String, value: String) throws {
        let problem = try options.problem.unwrapped()
        #expect(problem.setting == setting && problem.value == value)
        #expect(options.nearestValid.problem == nil || setting == "fullQueuePolicy")
    }

    @Test func usableOptionsAreNoProblemAndTheirOwnNearest() {
        let options = [
            BatchOptions(), BatchOptions(maxQueueSize: 1, maxExportBatchSize: 1, scheduleDelay: .zero),
            BatchOptions(
                maxQueueSize: .max, maxExportBatchSize: .max, scheduleDelay: .seconds(Int64.max), exportTimeout: .seconds(Int64.max)),
        ]
        for options in options { #expect(options.problem == nil && options.nearestValid == options) }
    }

    @Test func optionChangedAfterwardsIsCheckedToo() {
        var options = BatchOptions()
        options.maxQueueSize = 100
        #expect(options.nearestValid.maxExportBatchSize == 100, "A batch is held to the size of the queue.")
        options.maxQueueSize = -1
        #expect(options.problem?.setting == "maxQueueSize")
    }

    @Test(
        arguments: [
            ([:], 8192, 1536), (["OTEL_BSP_MAX_QUEUE_SIZE": "600"], 600, 600), (["OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "100"], 8192, 100),
            (["OTEL_BSP_MAX_QUEUE_SIZE": "9000", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "5000"], 9000, 5000),
        ] as [([String: String], Int, Int)])
    func sizesOfAProcessorCountWhereTheEnvironmentNamesNone(variables: [String: String], queue: Int, batch: Int) {
        let options = BatchOptions(EnvironmentReader(variables), prefix: "OTEL_BSP", sizes: .large)
        #expect(options.maxQueueSize == queue && options.maxExportBatchSize == batch)
    }

    @Test func processorsTakeTheSizesThatTheyAreGiven() async throws {
        let spans = BatchSpanProcessor(exporters: [ProbeExporter()], sizes: .large)
        let logs = BatchLogProcessor(exporters: [NoLogs()], sizes: .large)
        let environment = EnvironmentReader(["OTEL_BLRP_MAX_QUEUE_SIZE": "700"])
        try spans.configure(environment)
        try logs.configure(environment)
        #expect(spans.pipeline.options.maxQueueSize == 8192 && spans.pipeline.options.maxExportBatchSize == 1536)
        #expect(logs.pipeline.options.maxQueueSize == 700 && logs.pipeline.options.maxExportBatchSize == 700)
        #expect(await spans.shutdown(deadline: .after(.seconds(60))) == .completed)
        #expect(await logs.shutdown(deadline: .after(.seconds(60))) == .completed)
    }

    private struct NoLogs: LogExporter {
        func export(_ batch: borrowing LogBatch, deadline: Deadline) async throws(ExportFailure) {}
    }

    /// A processor of the host's own that contains one of the SDK's and does not hand the configuration on.
    private final class Wrapper: SpanProcessor {
        let inner: BatchSpanProcessor

        init(_ inner: BatchSpanProcessor) {
            self.inner = inner
        }

        func onEnd(_ span: ReadableSpan) { inner.onEnd(span) }
        func forceFlush(deadline: Deadline) async -> FlushResult { await inner.forceFlush(deadline: deadline) }
        func shutdown(deadline: Deadline) async -> FlushResult { await inner.shutdown(deadline: deadline) }
    }

    private static func provider(_ processor: any SpanProcessor) -> TracerProvider {
        TracerProvider(
            resource: .empty, sampler: .alwaysOn, limits: SpanLimits(), processors: [processor], idGenerator: nil, clock: .system)
    }

    @Test func processorThatIsNotConfiguredReportsAndUsesTheNearestOptions() async throws {
        let probe = ProbeExporter()
        var providers: [TracerProvider] = []
        let found = diagnostic(containing: "maxExportBatchSize: \"-3\"") {
            let options = BatchOptions(maxQueueSize: 4, maxExportBatchSize: -3, scheduleDelay: Self.hour)
            providers.append(Self.provider(Wrapper(BatchSpanProcessor(probe, options: options))))
            providers.last?.tracer(InstrumentationScope(name: "tests")).startSpan("work", parent: .root).end()
        }
        #expect(
            try found.unwrapped().message
                == "maxExportBatchSize: \"-3\" cannot be used; expected a batch of 1 item or more. The nearest valid value is used.")
        for provider in providers { #expect(await provider.shutdown(deadline: .after(.seconds(60))) == .completed) }
        #expect(probe.names.count == providers.count)
    }

    @Test func processorWithoutExportersDropsCountsAndReports() async throws {
        let found = diagnostic(containing: "exporters: \"[]\"") {
            BatchSpanProcessor(exporters: []).pipeline.requests.close()
        }
        #expect(try found.unwrapped().severity == .error)
        let processor = BatchSpanProcessor(exporters: [], options: BatchOptions(scheduleDelay: Self.hour))
        let provider = Self.provider(processor)
        provider.tracer(InstrumentationScope(name: "tests")).startSpan("work", parent: .root).end()
        _ = await provider.shutdown(deadline: .after(.seconds(60)))
        let health = try provider.health.first.unwrapped()
        #expect(health.destination == "no exporter" && health.dropped == [.rejected: 1])
    }
}
