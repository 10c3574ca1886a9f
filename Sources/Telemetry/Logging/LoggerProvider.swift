// The provider of loggers, and its life cycle.

/// Makes the loggers of a system and gives them what they share. Made by ``TelemetrySystem``.
final class LoggerProvider: Sendable {
    /// The setup of each logger.
    let setup: LoggerSetup
    private let registry: ScopeRegistry<TelemetryLogger>
    private let ending = SharedShutdown()

    /// All processors, in order.
    var processors: [any LogProcessor] { setup.processors }

    /// Counts the records that enabled loggers get; nil if metrics about telemetry itself are off.
    var created: LaneCounters? { setup.created }

    /// - Parameters:
    ///   - isOff: whether loggers do nothing: telemetry was switched off, or never started.
    ///   - countsRecords: whether records are counted, for metrics about telemetry itself.
    ///   - contextAttributes: the attributes that records get from their context.
    init(
        resource: Resource, limits: LogRecordLimits = LogRecordLimits(), processors: [any LogProcessor],
        clock: TelemetryClock = .system, configurator: LoggerConfigurator = .enablingAll, isOff: Bool = false, countsRecords: Bool = false,
        contextAttributes: ContextAttributeSelection = .all
    ) {
        setup = LoggerSetup(
            resource: resource, limits: limits, processors: processors, clock: clock, countsRecords: countsRecords,
            contextAttributes: contextAttributes)
        registry = ScopeRegistry("logger", configurator: configurator, isOff: isOff || processors.isEmpty)
    }

    /// A provider whose loggers do nothing.
    static let disabled = LoggerProvider(resource: .empty, processors: [], isOff: true)

    /// The logger of a scope, always the same for the same scope. While telemetry is off, all scopes share one that does nothing.
    func logger(_ scope: InstrumentationScope) -> TelemetryLogger {
        registry.member(of: scope) { TelemetryLogger($0, setup) }
    }

    /// Replaces the configurator and applies the new one to all loggers.
    func update(_ configurator: LoggerConfigurator) { registry.update(configurator) }

    var hasProcessors: Bool { !processors.isEmpty }

    /// The pipelines of the processors that export, in order.
    var pipelines: [ExportPipeline] { processors.exportPipelines }

    /// The health of each destination of each processor that exports.
    var health: [PipelineHealth] { pipelines.flatMap(\.health) }

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
