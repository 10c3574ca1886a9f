// A provider, a logger and a manual clock whose log records tests inspect.

@testable import Telemetry

/// How records reach the exporter: through processors, or through a direct pipeline.
enum LogPath: CaseIterable, Sendable { case processors, queue }

/// A logger whose records are kept, under a clock that stands still.
struct LogRecording {
    let memory = InMemoryLogExporter()
    let clock = ManualClock()
    let provider: LoggerProvider
    let log: TelemetryLogger

    static let resource = Resource(attributes: ["service.name": "tests"], schemaURL: "https://example.com/resource")

    init(
        _ path: LogPath = .processors, limits: LogRecordLimits = LogRecordLimits(), processors: [any LogProcessor] = [],
        configurator: LoggerConfigurator = .enablingAll, countsRecords: Bool = false
    ) {
        let hour = BatchOptions(scheduleDelay: .seconds(3600))
        let last: any LogProcessor =
            path == .processors ? memory : OneLaneLogProcessor(memory, options: hour, clock: .manual(clock))
        provider = LoggerProvider(
            resource: Self.resource, limits: limits, processors: processors + [last], clock: .manual(clock), configurator: configurator,
            countsRecords: countsRecords)
        log = provider.logger(InstrumentationScope(name: "tests", version: "1", schemaURL: "https://example.com/scope"))
    }

    /// The kept records, after a flush.
    func records() async -> [ReadableLogRecord] {
        _ = await provider.forceFlush(deadline: .after(.seconds(300)))
        return memory.finishedRecords
    }

    /// The messages, after a flush.
    func messages() async -> [String] { await records().map { $0.body?.stringValue ?? "" } }

    /// The only record that was kept.
    func record() async throws -> ReadableLogRecord {
        let records = await records()
        guard records.count == 1 else { throw NothingThere() }
        return records[0]
    }
}

/// Exports in batches by way of a queue with one lane: records stay in order, on whichever processors the test runs. The exporter is
/// configured by whoever made it.
struct OneLaneLogProcessor: LogPipelineOwner {
    let pipeline: ExportPipeline

    init(_ exporter: any LogExporter, options: BatchOptions, clock: TelemetryClock) {
        pipeline = ExportPipeline(
            kind: "batching_log_processor", items: .logRecord, options: options, clock: clock,
            destinations: [ExporterDestination(exporter)], laneCount: 1)
    }

    func configure(_ environment: EnvironmentReader) throws(ConfigurationError) {}
}

/// A processor that a test writes as a closure.
struct CustomLogProcessor: LogProcessor {
    var enabled: @Sendable (LogSeverity, String, Context, InstrumentationScope) -> Bool = { _, _, _, _ in true }
    var emit: @Sendable (inout ReadWriteLogRecord) -> Void = { _ in }

    func onEmit(_ record: inout ReadWriteLogRecord) { emit(&record) }

    func isEnabled(_ severity: LogSeverity, eventName: String, context: Context, instrumentationScope: InstrumentationScope) -> Bool {
        enabled(severity, eventName, context, instrumentationScope)
    }
}

/// An error as programs have them.
struct CardDeclined: Error, CustomStringConvertible {
    var description: String { "the card was declined" }
}

extension Context {
    /// A made-up span context.
    static func madeUp(isSampled: Bool = true) -> Context { Context.root.with(spanContext: .madeUp(isSampled: isSampled)) }
}
