// Settings in code that cannot be used: each is an error that the start of telemetry throws, wherever it stands.

import Testing

@testable import Telemetry

@Suite(.serialized) struct UnusableSettingsTests {
    private static func error(
        sampler: (any Sampler)? = nil, spans: [any SpanProcessor] = [], spanOptions: SpanOptions = SpanOptions(),
        metrics: [any MetricReader] = [], views: [MetricView] = [], logs: [any LogProcessor] = [], logOptions: LogOptions = LogOptions()
    ) -> ConfigurationError? {
        do throws(ConfigurationError) {
            let system = try TelemetrySystem.start(
                detectors: [], sampler: sampler, spans: spans, spanOptions: spanOptions, metrics: metrics, views: views, logs: logs,
                logOptions: logOptions, environment: [:])
            _ = system.requests(isShutdown: true, .after(.seconds(60)))
            return nil
        } catch {
            return error
        }
    }

    // MARK: Samplers

    private static let samplers: [(String, any Sampler)] = [
        ("ratio", .ratio(2)), ("probability", .probability(-1)), ("probability", .composite(.probability(.nan))),
        ("ratio", .parentBased(.ratio(2))), ("ratio", ParentBasedSampler(root: .alwaysOn, localParentNotSampled: .ratio(2))),
        ("ratio", .alwaysRecord(.parentBased(.ratio(-0.1)))), ("ratio", .jaegerRemote(initial: .parentBased(.ratio(10)))),
        ("probability", .composite(.parentThreshold(root: .probability(2)))),
        ("probability", .parentBased(.composite(.annotating(["a": 1], .probability(2))))),
        (
            "probability",
            .composite(.ruleBased([.rule("health", .alwaysOff) { $0.name == "health" }, .otherwise(.annotating([:], .probability(2)))]))
        ),
    ]

    @Test(arguments: samplers.indices)
    func unusableShareIsFoundInEverySampler(index: Int) {
        let (setting, sampler) = Self.samplers[index]
        #expect(Self.error(sampler: sampler)?.setting == setting)
    }

    @Test func errorSaysWhichSettingItsValueAndWhatWouldBeRight() {
        #expect(
            Self.error(sampler: .parentBased(.ratio(25)))?.description
                == "ratio: \"25.0\" cannot be used; expected a share of the traces from 0 to 1, as 0.1 for a tenth of them.")
        #expect(
            Self.error(spans: [.batch(InMemorySpanExporter(), options: BatchOptions(maxQueueSize: 0))])?.description
                == "maxQueueSize: \"0\" cannot be used; expected a queue of 1 item or more.")
    }

    @Test func samplersWithUsableSharesStart() {
        #expect(Self.error(sampler: .parentBased(.ratio(0))) == nil)
        #expect(Self.error(sampler: .composite(.parentThreshold(root: .ruleBased([.otherwise(.probability(1))])))) == nil)
    }

    // MARK: Limits

    @Test(
        arguments: [
            (SpanLimits(attributeCount: -1), "attributeCount"), (SpanLimits(attributeValueLength: -1), "attributeValueLength"),
            (SpanLimits(attributeValueDepth: 0), "attributeValueDepth"), (SpanLimits(attributeValueDepth: 129), "attributeValueDepth"),
            (SpanLimits(eventCount: .min), "eventCount"), (SpanLimits(linkCount: -1), "linkCount"),
            (SpanLimits(eventAttributeCount: -1), "eventAttributeCount"), (SpanLimits(linkAttributeCount: -1), "linkAttributeCount"),
        ] as [(SpanLimits, String)])
    func unusableSpanLimitIsAnErrorAndItsNearestIsRecordedWith(limits: SpanLimits, name: String) throws {
        #expect(Self.error(spanOptions: SpanOptions(limits: limits))?.setting == "SpanLimits.\(name)")
        // Nothing traps where no start has checked them.
        let span = try Recording(limits: limits).finished(["text": "abc"], links: [SpanLink(.madeUp(), ["a": 1])]) { span in
            span.addEvent("event", ["a": 1])
            span["nested"] = .array([.array([1])])
        }
        #expect(span.name == "work")
    }

    @Test(
        arguments: [
            (LogRecordLimits(attributeCount: -1), "attributeCount"), (LogRecordLimits(attributeValueLength: -1), "attributeValueLength"),
            (LogRecordLimits(attributeValueDepth: 0), "attributeValueDepth"),
            (LogRecordLimits(attributeValueDepth: 129), "attributeValueDepth"),
        ] as [(LogRecordLimits, String)])
    func unusableLogRecordLimitIsAnError(limits: LogRecordLimits, name: String) {
        #expect(Self.error(logOptions: LogOptions(limits: limits))?.setting == "LogRecordLimits.\(name)")
    }

    @Test func limitsOfZeroStart() {
        #expect(Self.error(spanOptions: SpanOptions(limits: SpanLimits(attributeCount: 0, attributeValueLength: 0))) == nil)
        #expect(Self.error(logOptions: LogOptions(limits: LogRecordLimits(attributeCount: 0, attributeValueDepth: 128))) == nil)
    }

    // MARK: Processors and readers

    private static let memory = InMemorySpanExporter()
    private static let records = InMemoryLogExporter()

    @Test func unusableOptionOfAnyProcessorIsAnError() {
        let options = BatchOptions(exportTimeout: .zero)
        #expect(Self.error(spans: [.batch(Self.memory, options: options)])?.setting == "exportTimeout")
        #expect(Self.error(logs: [.batch(Self.records, options: options)])?.setting == "exportTimeout")
        #expect(Self.error(spans: [SimpleSpanProcessor(Self.memory, maxQueueSize: 0)])?.setting == "maxQueueSize")
        #expect(Self.error(logs: [SimpleLogProcessor(Self.records, maxQueueSize: -1)])?.setting == "maxQueueSize")
        #expect(Self.error(logs: [SimpleLogProcessor(Self.records, exportTimeout: .zero)])?.setting == "exportTimeout")
    }

    @Test func processorWithoutExportersIsAnError() {
        let expected = ConfigurationError(setting: "exporters", value: "[]", expected: "at least one exporter")
        #expect(Self.error(spans: [BatchSpanProcessor(exporters: [])]) == expected)
        #expect(Self.error(logs: [BatchLogProcessor(exporters: [])]) == expected)
    }

    @Test func negativeCapacityOfAnExporterForTestsIsAnError() {
        let spans = InMemorySpanExporter(capacity: -1)
        #expect(Self.error(spans: [spans])?.setting == "capacity" && Self.error(spans: [.batch(spans)])?.setting == "capacity")
        let records = InMemoryLogExporter(capacity: -1)
        #expect(Self.error(logs: [records])?.setting == "capacity" && Self.error(logs: [.simple(records)])?.setting == "capacity")
        #expect(Self.error(metrics: [.periodic(InMemoryMetricExporter(capacity: -1))])?.setting == "capacity")
        #expect(Self.error(spans: [InMemorySpanExporter(capacity: 0)]) == nil)
    }

    @Test func exporterForTestsWithNegativeCapacityKeepsNothingAndCounts() throws {
        let exporter = InMemorySpanExporter(capacity: -1)
        let recording = Recording(processors: [exporter])
        _ = try recording.finished()
        #expect(exporter.finishedSpans.isEmpty && exporter.droppedCount == 1)
    }

    // MARK: Exporters

    private static let exporterOptions: [(String, OTLPOptions)] = [
        ("maximumConcurrentRequests", OTLPOptions(maximumConcurrentRequests: 0)),
        ("maximumConcurrentRequests", OTLPOptions(maximumConcurrentRequests: 65)),
        ("maximumRequestBytes", OTLPOptions(maximumRequestBytes: 0)), ("maximumResponseBytes", OTLPOptions(maximumResponseBytes: -1)),
        ("retry.initialDelay", OTLPOptions(retry: RetryPolicy(initialDelay: .zero))),
        ("retry.maximumDelay", OTLPOptions(retry: RetryPolicy(initialDelay: .seconds(2), maximumDelay: .seconds(1)))),
        ("retry.multiplier", OTLPOptions(retry: RetryPolicy(multiplier: 0.5))),
        ("retry.multiplier", OTLPOptions(retry: RetryPolicy(multiplier: .nan))),
        ("spool.directory", OTLPOptions(spool: .directory(""))),
        ("spool.maximumBytes", OTLPOptions(spool: .directory("/nowhere", maximumBytes: 0))),
        ("spool.maximumAge", OTLPOptions(spool: .directory("/nowhere", maximumAge: .zero))),
        ("spool.synchronization", OTLPOptions(spool: .directory("/nowhere", synchronization: .interval(.zero)))),
    ]

    @Test(arguments: exporterOptions.indices)
    func unusableOptionOfAnExporterIsAnError(index: Int) {
        let (setting, options) = Self.exporterOptions[index]
        #expect(Self.error(spans: [.batch(.otlp(options: options))])?.setting == setting)
        #expect(Self.error(metrics: [.periodic(.otlp(options: options))])?.setting == setting)
        #expect(Self.error(logs: [.simple(.otlp(options: options))])?.setting == setting)
    }

    @Test(arguments: exporterOptions.indices)
    func exporterByItselfRefusesWithTheReason(index: Int) async {
        let (setting, options) = Self.exporterOptions[index]
        let exporter = OTLPMetricExporter(options: options)
        let time = Timestamp(nanosecondsSinceEpoch: 1)
        let metric = MetricData(name: "m", points: .gauge([NumberPoint(startTime: time, time: time, value: 1)]))
        let batch = MetricBatch(
            resource: .empty, scopes: [ScopeMetrics(instrumentationScope: InstrumentationScope(name: "tests"), metrics: [metric])])
        do throws(ExportFailure) {
            try await exporter.export(batch, deadline: .after(.seconds(60)))
            Issue.record("Nothing can be exported with \(setting).")
        } catch {
            #expect(error.description.contains("\(setting): \""))
        }
    }

    // MARK: Metrics

    @Test func reservoirLargerThanAnySeriesNeedsIsAnError() {
        #expect(Self.error(views: [MetricView(of: "a", exemplars: .fixedSize(.max))])?.setting == "fixedSize")
        #expect(Self.error(views: [MetricView(of: "a", exemplars: .fixedSize(16_384))]) == nil)
    }

    @Test func cardinalityLimitMayBeTheLargestNumber() throws {
        let reader = PullMetricReader()
        let system = try TelemetrySystem.start(
            detectors: [], spans: [], metrics: [reader], views: [MetricView(of: "*", cardinalityLimit: .max)], logs: [],
            environment: [:])
        let meter = system.meter("tests")
        let observed = meter.observableCounter("observed") { $0.observe(5) }
        meter.counter("counted").add(1)
        #expect(try reader.collect().pointCount == 2)
        withExtendedLifetime(observed) {}
    }
}
