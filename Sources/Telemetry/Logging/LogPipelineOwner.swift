// The common part of the log processors that export.

/// A log processor whose records go through a pipeline.
protocol LogPipelineOwner: LogProcessor, PipelineOwner {}

extension LogPipelineOwner {
    public func onEmit(_ record: inout ReadWriteLogRecord) { record.append(to: pipeline) }

    public func forceFlush(deadline: Deadline) async -> FlushResult { await pipeline.forceFlush(deadline: deadline) }

    public func shutdown(deadline: Deadline) async -> FlushResult { await pipeline.shutdown(deadline: deadline) }
}

extension ExporterDestination<ItemBatch> {
    init(_ exporter: any LogExporter) {
        self.init(
            exporter,
            Calls(
                export: { batch, deadline throws(ExportFailure) in
                    try await exporter.export(LogBatch(items: batch), deadline: deadline)
                },
                forceFlush: { await exporter.forceFlush(deadline: $0) }, shutdown: { await exporter.shutdown(deadline: $0) }))
    }
}
