// The rule by which items reach pipelines without a call of their processors, for spans and log records alike.

/// The processors of a provider, divided by how an item reaches them.
///
/// A processor that exports only appends each item to its pipeline. So an item is not made for it: the span or the logger writes its bytes
/// into the queue of that pipeline, and the processor is not called. This holds only if no processor may change the item before: else all
/// are called, in order. The signals differ in which processors may change an item, and in how many pipelines their hot path has room for.
struct ProcessorPaths<Processor: Sendable>: Sendable {
    /// The pipelines that items are written to directly; their processors keep them alive.
    let direct: [ExportPipeline]
    /// The processors that must be called, in order.
    let called: [Processor]

    /// - Parameters:
    ///   - all: all processors of a provider, in order.
    ///   - limit: how many pipelines are written to directly at most; the processors of others are called.
    ///   - mayChange: returns whether a processor may change an item that others export.
    init(_ all: [Processor], atMost limit: Int, mayChange: (Processor) -> Bool) {
        var (direct, called): ([ExportPipeline], [Processor]) = ([], [])
        let isAnyDirect = !all.contains(where: mayChange)
        for processor in all {
            if isAnyDirect, direct.count < limit, let owner = processor as? any PipelineOwner {
                direct.append(owner.pipeline)
            } else {
                called.append(processor)
            }
        }
        (self.direct, self.called) = (direct, called)
    }
}
