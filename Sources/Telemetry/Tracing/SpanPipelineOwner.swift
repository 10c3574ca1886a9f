// The common part of the span processors that export.

/// A span processor whose spans go through a pipeline.
protocol SpanPipelineOwner: SpanProcessor, PipelineOwner {}

extension SpanPipelineOwner {
    public func onEnd(_ span: ReadableSpan) {
        if span.context.isSampled { span.item.append(to: pipeline) }
    }

    public func forceFlush(deadline: Deadline) async -> FlushResult { await pipeline.forceFlush(deadline: deadline) }

    public func shutdown(deadline: Deadline) async -> FlushResult { await pipeline.shutdown(deadline: deadline) }
}

extension ExporterDestination<ItemBatch> {
    init(_ exporter: any SpanExporter) {
        self.init(
            exporter,
            Calls(
                export: { batch, deadline throws(ExportFailure) in
                    try await exporter.export(SpanBatch(items: batch), deadline: deadline)
                },
                forceFlush: { await exporter.forceFlush(deadline: $0) }, shutdown: { await exporter.shutdown(deadline: $0) }))
    }
}
