// The protocol of log exporters.

/// Delivers log records; called by a processor, one batch at a time.
///
/// (Specification: logs SDK, "LogRecordExporter".)
public protocol LogExporter: TelemetryComponent {
    /// Delivers one batch before the deadline; the processor does not retry a failed one.
    ///
    /// It runs on a thread of the processor's own and may block it. When the deadline passes, the task is cancelled.
    func export(_ batch: LogBatch, deadline: Deadline) async throws(ExportFailure)

    /// Delivers what the exporter has buffered.
    func forceFlush(deadline: Deadline) async -> FlushResult

    /// Ends; later exports fail.
    func shutdown(deadline: Deadline) async -> FlushResult
}
