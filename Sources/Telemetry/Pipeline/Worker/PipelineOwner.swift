// The processors that export, and requests to processors.

/// A processor that owns a pipeline; items can be appended to the pipeline without a call of the processor.
protocol PipelineOwner: EnvironmentConfigurable {
    var pipeline: ExportPipeline { get }
}

extension Sequence where Element: Sendable {
    /// The pipelines of the processors that export, in order.
    var exportPipelines: [ExportPipeline] { compactMap { ($0 as? any PipelineOwner)?.pipeline } }
}

extension FlushRequest {
    /// Begins a flush or the shutdown of a processor, on its own thread or its pipeline's. A slow processor does not delay the others,
    /// and it works while every thread of the cooperative pool is blocked.
    static func of(
        _ processor: any Sendable, isShutdown: Bool, _ deadline: Deadline, _ ask: @escaping @Sendable () async -> FlushResult
    ) -> FlushRequest {
        if let owner = processor as? any PipelineOwner { return owner.pipeline.request(isShutdown: isShutdown, deadline) }
        return .running(isShutdown: isShutdown, deadline: deadline, ask)
    }
}
