// The value that a provider gives to each of its loggers.

/// What all loggers of a provider share.
struct LoggerSetup: Sendable {
    /// The pipelines that records are appended to without a call of their processors, which each logger keeps alive.
    struct DirectPipelines: Sendable {
        let first: Unmanaged<ExportPipeline>
        let second: Unmanaged<ExportPipeline>?
    }

    let resource: RecordedResource
    let limits: LogEncodingLimits
    let clock: TelemetryClock
    let processors: [any LogProcessor]
    /// The pipelines of all processors, if there are at most two and no processor that must be called.
    let directPipelines: DirectPipelines?
    /// True if processors may refuse a record before it is made; those that export never do.
    let asksProcessors: Bool
    /// Counts the records that enabled loggers get; nil if metrics about telemetry itself are off.
    let created: LaneCounters?

    init(resource: Resource, limits: LogRecordLimits, processors: [any LogProcessor], clock: TelemetryClock, countsRecords: Bool) {
        self.resource = RecordedResource(resource)
        self.limits = LogEncodingLimits(limits)
        self.clock = clock
        self.processors = processors
        let owners = processors.compactMap { $0 as? any PipelineOwner }
        if owners.count == processors.count, let first = owners.first, owners.count <= 2 {
            directPipelines = DirectPipelines(
                first: .passUnretained(first.pipeline), second: owners.count == 2 ? .passUnretained(owners[1].pipeline) : nil)
        } else {
            directPipelines = nil
        }
        asksProcessors = owners.isEmpty
        created = countsRecords ? LaneCounters() : nil
    }
}
