// Owns what all log emitters share: resource, limits, processors.

/// Owns what the log emitters of a system share, and hands them out. Made by ``TelemetrySystem``.
final class LoggerProvider: Sendable {
    let recordedResource: RecordedResource
    let limits: LogEncodingLimits
    let clock: TelemetryClock
    let processors: [any LogProcessor]
    /// The pipelines of all processors, where there are at most two and no processor that must be called.
    let pipelines: DirectPipelines?
    /// Whether processors may find a record of no use: those that export never do.
    let asksProcessors: Bool
    /// Counts the records that enabled emitters are given; nil where nobody wants to know.
    let created: LaneCounters?
    private let registry: ScopeRegistry<TelemetryLogger>
    private let ending = SharedShutdown()

    /// Where records are appended without going through processors. Kept alive by them, and with the emitters for ever.
    struct DirectPipelines: Sendable {
        let first: Unmanaged<ExportPipeline>
        let second: Unmanaged<ExportPipeline>?
    }

    /// - Parameters:
    ///   - isOff: whether emitters do nothing: telemetry was switched off, or never started.
    ///   - countsRecords: whether records are counted, for metrics about telemetry itself.
    init(
        resource: Resource, limits: LogRecordLimits = LogRecordLimits(), processors: [any LogProcessor],
        clock: TelemetryClock = .system, configurator: LoggerConfigurator = .enablingAll, isOff: Bool = false, countsRecords: Bool = false
    ) {
        recordedResource = RecordedResource(resource)
        self.limits = LogEncodingLimits(limits)
        self.clock = clock
        self.processors = processors
        let owners = processors.compactMap { $0 as? any PipelineOwner }
        if owners.count == processors.count, let first = owners.first, owners.count <= 2 {
            pipelines = DirectPipelines(
                first: .passUnretained(first.pipeline), second: owners.count == 2 ? .passUnretained(owners[1].pipeline) : nil)
        } else {
            pipelines = nil
        }
        asksProcessors = owners.isEmpty
        created = countsRecords ? LaneCounters() : nil
        registry = ScopeRegistry("logger", configurator: configurator, isOff: isOff || processors.isEmpty)
    }

    /// One whose emitters do nothing.
    static let disabled = LoggerProvider(resource: .empty, processors: [], isOff: true)

    /// The emitter of a scope, always the same for the same scope; one that does nothing, for all scopes, when telemetry is off.
    func logger(_ scope: InstrumentationScope) -> TelemetryLogger {
        registry.member(of: scope) { TelemetryLogger($0, provider: self) }
    }

    /// Replaces the configurator, and asks it about all emitters that there are.
    func update(_ configurator: LoggerConfigurator) { registry.update(configurator) }

    var hasProcessors: Bool { !processors.isEmpty }

    /// The pipelines of the processors that export, in order.
    var exportPipelines: [ExportPipeline] { processors.compactMap { ($0 as? any PipelineOwner)?.pipeline } }

    /// What became of the records, for each destination of each processor that exports.
    var health: [PipelineHealth] { exportPipelines.flatMap(\.health) }

    func forceFlush(deadline: Deadline) async -> FlushResult {
        await requests(isShutdown: false, deadline).waitWithoutBlocking()
    }

    func shutdown(deadline: Deadline) async -> FlushResult {
        await requests(isShutdown: true, deadline).waitWithoutBlocking()
    }

    /// Begins a flush, or the shutdown, of all processors.
    func requests(isShutdown: Bool, _ deadline: Deadline) -> [FlushRequest] {
        guard isShutdown else { return ending.flush(deadline) { processors.requests(isShutdown: false, deadline) } }
        return ending.begin(deadline) {
            _ = registry.close()
            return processors.requests(isShutdown: true, deadline)
        }
    }
}
