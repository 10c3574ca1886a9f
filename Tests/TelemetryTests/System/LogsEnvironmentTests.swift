// Environment variables of logging: exporters, limits, batches, exception signal.

import Testing

@testable import Telemetry

struct LogsEnvironmentTests {
    @Test(
        arguments: [
            (nil, ["BatchLogProcessor"]), ("", ["BatchLogProcessor"]), ("otlp", ["BatchLogProcessor"]), ("none", []),
            ("console", ["SimpleLogProcessor"]), ("OTLP/stdout", ["BatchLogProcessor"]),
            ("otlp, console", ["BatchLogProcessor", "SimpleLogProcessor"]), ("unheard-of,console", ["SimpleLogProcessor"]),
            ("unheard-of", ["BatchLogProcessor"]), ("none,unheard-of", []), ("logging", ["BatchLogProcessor"]),
        ] as [(String?, [String])])
    func exportersAreNamedByTheEnvironment(value: String?, expected: [String]) {
        let environment = EnvironmentReader(value.map { ["OTEL_LOGS_EXPORTER": $0] } ?? [:])
        #expect(LogsEnvironment.processors(environment).map { "\(type(of: $0))" } == expected)
    }

    @Test(arguments: [("unheard-of", "otlp is used"), ("unheard-of,console", "only the others are used")])
    func unknownExporterNameIsReported(value: String, used: String) {
        let environment = EnvironmentReader(["OTEL_LOGS_EXPORTER": value])
        let (_, complaints) = EnvironmentComplaints.collect { LogsEnvironment.processors(environment) }
        let expected = "otlp, otlp/stdout or console, several separated by commas, or none"
        #expect(complaints == [environment.complaint("OTEL_LOGS_EXPORTER", "unheard-of", expected, used)])
    }

    @Test(
        arguments: [
            ([:], 128, nil), (["OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT": "3"], 3, nil), (["OTEL_ATTRIBUTE_COUNT_LIMIT": "4"], 4, nil),
            (["OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT": "3", "OTEL_ATTRIBUTE_COUNT_LIMIT": "4"], 3, nil),
            (["OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT": "-1", "OTEL_ATTRIBUTE_COUNT_LIMIT": "4"], 4, nil),
            (["OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT": "0"], 128, 0), (["OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT": "7"], 128, 7),
            (["OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT": "5", "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT": "7"], 128, 5),
            (["OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT": "2"], 128, nil),
        ] as [([String: String], Int, Int?)])
    func logRecordLimitsBeatAttributeLimits(variables: [String: String], count: Int, length: Int?) {
        let limits = LogRecordLimits(EnvironmentReader(variables))
        #expect(limits == LogRecordLimits(attributeCount: count, attributeValueLength: length))
    }

    @Test(
        arguments: [
            (nil, ["batching_log_processor"]), ("none", []), ("console,otlp", ["simple_log_processor", "batching_log_processor"]),
        ] as [(String?, [String])])
    func environmentSelectsTheLogExporters(value: String?, expected: [String]) async throws {
        let environment = value.map { ["OTEL_LOGS_EXPORTER": $0] } ?? [:]
        let telemetry = try TelemetrySystem.start(spans: [], metrics: [], environment: environment)
        #expect(telemetry.health.pipelines.map { String($0.name.prefix { $0 != "/" }) } == expected)
        #expect(telemetry.logger("tests").isEnabled(.fatal) != expected.isEmpty)
        await telemetry.shutdown(within: .seconds(60))
    }

    @Test func environmentLimitsApplyToLogRecords() async throws {
        let memory = InMemoryLogExporter()
        let environment = ["OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT": "1", "OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT": "2"]
        let telemetry = try TelemetrySystem.start(spans: [], metrics: [], logs: [memory], environment: environment)
        telemetry.logger("tests").info("message", ["a": "long", "b": 2])
        let record = try #require(memory.finishedRecords.first)
        #expect(record.body == "message" && record.attributes == ["a": "lo"] && record.droppedAttributeCount == 1)
        await telemetry.shutdown(within: .seconds(60))
    }

    @Test func environmentConfiguresLogBatches() throws {
        let processor = BatchLogProcessor(ProbeExporter())
        try processor.configure(
            EnvironmentReader([
                "OTEL_BLRP_SCHEDULE_DELAY": "70", "OTEL_BLRP_EXPORT_TIMEOUT": "80", "OTEL_BLRP_MAX_QUEUE_SIZE": "90",
                "OTEL_BLRP_MAX_EXPORT_BATCH_SIZE": "20", "OTEL_BSP_MAX_QUEUE_SIZE": "7",
            ]))
        #expect(
            processor.pipeline.options
                == BatchOptions(
                    maxQueueSize: 90, maxExportBatchSize: 20, scheduleDelay: .milliseconds(70), exportTimeout: .milliseconds(80)))
        [processor as any LogProcessor].retire()
    }

    @Test func systemUsesLogBatchVariables() async throws {
        let processor = BatchLogProcessor(ProbeExporter())
        let environment = ["OTEL_BLRP_MAX_QUEUE_SIZE": "90", "OTEL_BLRP_SCHEDULE_DELAY": "70"]
        let telemetry = try TelemetrySystem.start(spans: [], metrics: [], logs: [processor], environment: environment)
        #expect(processor.pipeline.options.maxQueueSize == 90 && processor.pipeline.options.scheduleDelay == .milliseconds(70))
        await telemetry.shutdown(within: .seconds(60))
    }

    @Test func defaultLogScheduleDelayIsOneSecond() throws {
        let processor = BatchLogProcessor(ProbeExporter())
        try processor.configure(EnvironmentReader([:]))
        #expect(processor.pipeline.options == BatchOptions(scheduleDelay: .seconds(1)))
        [processor as any LogProcessor].retire()
    }

    @Test(
        arguments: [
            (nil, .spanEvents), ("logs", .logs), ("LOGS/DUP", .spanEventsAndLogs), ("traces", .spanEvents), ("", .spanEvents),
        ] as [(String?, ExceptionSignal)])
    func environmentSelectsTheExceptionSignal(value: String?, expected: ExceptionSignal) {
        let environment = EnvironmentReader(value.map { ["OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN": $0] } ?? [:])
        #expect(LogsEnvironment.exceptions(environment) == expected)
    }

    @Test func codeBeatsTheEnvironment() async throws {
        let memory = InMemoryLogExporter()
        let environment = ["OTEL_LOGS_EXPORTER": "none", "OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT": "1"]
        let telemetry = try TelemetrySystem.start(
            spans: [], metrics: [], logs: [memory], logOptions: LogOptions(limits: LogRecordLimits(attributeCount: 2)),
            environment: environment)
        telemetry.logger("tests").info("x", ["a": 1, "b": 2, "c": 3])
        #expect(memory.finishedRecords.map(\.droppedAttributeCount) == [1])
        await telemetry.shutdown(within: .seconds(60))
    }

    @Test func disabledSystemRejectsLogRecords() async throws {
        let memory = InMemoryLogExporter()
        let telemetry = try TelemetrySystem.start(logs: [memory], environment: ["OTEL_SDK_DISABLED": "true"])
        let log = telemetry.logger("tests")
        #expect(!log.isEnabled(.fatal))
        log.fatal("x")
        #expect(memory.finishedRecords.isEmpty)
    }

    @Test func healthCountsLogRecords() async throws {
        let telemetry = try TelemetrySystem.start(spans: [], metrics: [], logs: [.batch(ProbeExporter())], environment: [:])
        telemetry.logger("tests").info("x")
        await telemetry.forceFlush(within: .seconds(60))
        let pipelines = telemetry.health.pipelines
        #expect(pipelines.count == 1 && pipelines[0].name.hasPrefix("batching_log_processor/"))
        #expect(pipelines[0].accepted == 1 && pipelines[0].exported == 1)
        await telemetry.shutdown(within: .seconds(60))
    }

    @Test func loggerConfiguratorIsReplacedAtRuntime() async throws {
        let memory = InMemoryLogExporter()
        let telemetry = try TelemetrySystem.start(
            spans: [], metrics: [], logs: [memory], logOptions: LogOptions(configurator: .minimumSeverity(.warn)), environment: [:])
        let log = telemetry.logger("tests")
        log.info("too little")
        telemetry.updateLoggerConfigurator(.minimumSeverity(.debug, for: "tes*"))
        log.info("enough")
        telemetry.updateLoggerConfigurator(.disabling("tests"))
        log.fatal("switched off")
        #expect(memory.finishedRecords.map(\.body) == ["enough"])
        await telemetry.shutdown(within: .seconds(60))
    }
}
