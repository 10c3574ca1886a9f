// The exporter behind `.jsonLines`.

/// Writes each log record as one line of JSON, under the names that a ``JSONLineFormat`` gives to its fields.
///
/// A line is UTF-8 and valid JSON, whatever the record holds. A stream that is not read does not block callers: records that are not
/// written before the deadline of an export are dropped and counted. Lines of up to 4 KiB are never mixed with what other processes write to the same pipe, and
/// longer ones not with what other exporters of this process write to the same stream.
public final class JSONLinesLogExporter: LogExporter, EnvironmentConfigurable, ReportingExporter {
    private struct State {
        /// The delivery; nil while an export uses it.
        var delivery: JSONLineDelivery?
        var isShutDown = false
    }

    private let target: JSONLineTarget
    private let format: JSONLineFormat
    private let state: Locked<State>

    public init(_ target: JSONLineTarget, format: JSONLineFormat = .openTelemetry) {
        self.target = target
        self.format = format
        state = Locked(State(delivery: JSONLineDelivery(target, format)))
    }

    /// Checks the format, and that the target can be written to.
    public func configure(_ environment: EnvironmentReader) throws(ConfigurationError) {
        try format.check()
        try target.check()
        let delivery = JSONLineDelivery(target, format, isInsideLine: target.endsInsideLine)
        state.withLock { $0.delivery = delivery }
    }

    public var destinationName: String { target.name }

    public func export(_ batch: borrowing LogBatch, deadline: Deadline) async throws(ExportFailure) {
        var taken = state.withLock { (isShutDown: $0.isShutDown, idle: $0.delivery.take()) }
        guard !taken.isShutDown else { throw .shutDown }
        // A concurrent export means that two processors share the exporter. Taken out once more, since a second reference to its memory would
        // have each batch written to new pages, of which a thousand lines then touch 60.
        var delivery = taken.idle.take() ?? JSONLineDelivery(target, format)
        defer { state.withLock { $0.delivery = delivery } }
        try delivery.deliver(batch.items, deadline: deadline)
    }

    public func shutdown(deadline: Deadline) async -> FlushResult {
        state.withLock { $0.isShutDown = true }
        return .completed
    }
}

extension LogExporter where Self == JSONLinesLogExporter {
    /// Writes log records as lines of JSON: `.jsonLines(.standardOutput)`, `.jsonLines(.file("/var/log/app.jsonl"), format: .flat)`.
    public static func jsonLines(_ target: JSONLineTarget, format: JSONLineFormat = .openTelemetry) -> Self {
        JSONLinesLogExporter(target, format: format)
    }
}

extension LogProcessor where Self == SimpleLogProcessor {
    /// Refuses an exporter without a processor.
    @available(*, unavailable, message: "An exporter stands behind a processor: .simple(.jsonLines(…)).")
    public static func jsonLines(_ target: JSONLineTarget, format: JSONLineFormat = .openTelemetry) -> Self {
        .simple(JSONLinesLogExporter(target, format: format))
    }
}
