// The protocol of span exporters.

/// Delivers finished spans; called by a processor, one batch at a time.
///
/// (Specification: trace SDK, "Span Exporter".)
public protocol SpanExporter: TelemetryComponent {
    /// Delivers one batch before the deadline; the processor does not retry a failed one.
    ///
    /// It runs on a thread of the processor's own and may block it. When the deadline passes, the task is cancelled.
    func export(_ batch: SpanBatch, deadline: Deadline) async throws(ExportFailure)

    /// Delivers what the exporter has buffered.
    func forceFlush(deadline: Deadline) async -> FlushResult

    /// Ends; later exports fail.
    func shutdown(deadline: Deadline) async -> FlushResult
}
