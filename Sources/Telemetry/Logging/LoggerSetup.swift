// The value that a provider gives to each of its loggers.

/// What all loggers of a provider share.
struct LoggerSetup: Sendable {
    /// The pipelines that records are written to directly, whose processors each logger keeps alive. (See ``ProcessorPaths``.)
    struct DirectPipelines: Sendable {
        let first: Unmanaged<ExportPipeline>
        let second: Unmanaged<ExportPipeline>?
    }

    let resource: RecordedResource
    let limits: LogEncodingLimits
    let clock: TelemetryClock
    let processors: [any LogProcessor]
    /// The pipelines of all processors; nil if a processor must be called.
    let directPipelines: DirectPipelines?
    /// The key of attributes that loggers add to records which they write directly.
    let contextKey: ContextKey<Attributes>?
    /// The attributes that records get from their context.
    let contextAttributes: ContextAttributeSelection
    /// True if processors may refuse a record before it is made; those that export never do.
    let asksProcessors: Bool
    /// Counts the records that enabled loggers get; nil if metrics about telemetry itself are off.
    let created: LaneCounters?

    init(
        resource: Resource, limits: LogRecordLimits, processors: [any LogProcessor], clock: TelemetryClock, countsRecords: Bool,
        contextAttributes: ContextAttributeSelection
    ) {
        self.resource = RecordedResource(resource)
        self.limits = LogEncodingLimits(limits)
        self.clock = clock
        self.processors = processors
        let context = processors.first as? ContextLogAttributes
        let paths = ProcessorPaths(context == nil ? processors : Array(processors.dropFirst()), atMost: 2) { !($0 is any PipelineOwner) }
        // A logger writes directly or calls processors, never both: unlike a span, it has no flag that it checks anyway.
        if paths.called.isEmpty, let first = paths.direct.first {
            directPipelines = DirectPipelines(
                first: .passUnretained(first), second: paths.direct.dropFirst().first.map { .passUnretained($0) })
            contextKey = context?.key
        } else {
            directPipelines = nil
            contextKey = nil
        }
        self.contextAttributes = contextAttributes
        asksProcessors = processors.exportPipelines.isEmpty
        created = countsRecords ? LaneCounters() : nil
    }
}
