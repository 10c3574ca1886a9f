// Processors that own an export pipeline, and what their exporters may tell and ask.

import Synchronization

/// A processor whose items go through a pipeline: they are then appended to its queue without going through the processor.
protocol PipelineOwner: Sendable {
    var pipeline: ExportPipeline { get }
    /// Takes what code leaves open from the environment that telemetry is started with.
    func configure(_ environment: EnvironmentReader) throws(ConfigurationError)
}

extension FlushRequest {
    /// Asks a processor to flush or to end, on a thread of its own or of its pipeline: a slow one takes nothing from the others' time,
    /// and it works while every thread of the cooperative pool is blocked.
    static func of(
        _ processor: any Sendable, isShutdown: Bool, _ deadline: Deadline, _ ask: @escaping @Sendable () async -> FlushResult
    ) -> FlushRequest {
        if let owner = processor as? any PipelineOwner { return owner.pipeline.request(isShutdown: isShutdown, deadline) }
        return .running(isShutdown: isShutdown, deadline: deadline, ask)
    }
}
