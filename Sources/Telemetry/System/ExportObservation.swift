// What another part of the program sees of everything that a system exports.

/// Shows closures the spans, metrics and log records that a running system exports, from when it is made until it ends.
///
/// It is fed by the first processor of each signal that exports, and by the first periodic reader: recording costs no more with it. The
/// closures run on their threads before delivery begins, must not block, and must not keep a batch, whose memory is used again.
package final class ExportObservation: Sendable {
    private let spans: Subscription<ItemBatch>?
    private let metrics: Subscription<MetricBatch>?
    private let logs: Subscription<ItemBatch>?

    /// Returns nil if no signal is exported in batches.
    package init?(
        of system: TelemetrySystem, spans: @escaping @Sendable (SpanBatch) -> Void, metrics: @escaping @Sendable (MetricBatch) -> Void,
        logs: @escaping @Sendable (LogBatch) -> Void
    ) {
        let sources = system.exportSources
        guard sources.spans != nil || sources.metrics != nil || sources.logs != nil else { return nil }
        self.spans = sources.spans.map { Subscription($0) { spans(SpanBatch(items: $0)) } }
        self.metrics = sources.metrics.map { Subscription($0, metrics) }
        self.logs = sources.logs.map { Subscription($0) { logs(LogBatch(items: $0)) } }
    }

    /// Ends it; a later observation of the same system is left alone.
    package func end() {
        spans?.end()
        metrics?.end()
        logs?.end()
    }
}

/// An observer that can be removed.
private struct Subscription<Event: Sendable>: Sendable {
    private let source: EventObserver<Event>
    private let number: Int

    init(_ source: EventObserver<Event>, _ body: @escaping @Sendable (Event) -> Void) {
        self.source = source
        number = source.observe(body)
    }

    func end() { source.end(number) }
}
