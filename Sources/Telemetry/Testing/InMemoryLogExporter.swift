// The exporter for tests of the logging signal.

/// Keeps log records in memory, for tests of programs that log.
///
/// Register it as a processor, so that a record is available as soon as it is emitted: `logs: [memory]`; it keeps the record as the
/// processors before it left it. Or put it behind a processor that exports, `logs: [.batch(memory)]`, and flush before looking.
public final class InMemoryLogExporter: LogExporter, LogProcessor {
    private let kept: KeptItems<ReadableLogRecord>

    /// - Parameter capacity: the limit for kept records; later ones are dropped and counted.
    public init(capacity: Int = 100_000) { kept = KeptItems(capacity: capacity) }

    /// The limit for kept records.
    public var capacity: Int { kept.capacity }

    /// The kept records, in the order of their arrival.
    public var finishedRecords: [ReadableLogRecord] { kept.items }

    /// The number of dropped records.
    public var droppedCount: Int { kept.droppedCount }

    /// Removes all records.
    public func reset() { kept.removeAll() }

    public func export(_ batch: borrowing LogBatch, deadline: Deadline) async throws(ExportFailure) {
        // The record is copied, since the memory of the batch is reused.
        guard kept.keep(batch.map(\.detached)) else { throw .shutDown }
    }

    public func onEmit(_ record: inout ReadWriteLogRecord) { _ = kept.keep([record.snapshot]) }

    public func forceFlush(deadline: Deadline) async -> FlushResult { .completed }

    public func shutdown(deadline: Deadline) async -> FlushResult {
        kept.close()
        return .completed
    }
}

extension InMemoryLogExporter: CheckedSettings {
    var problem: ConfigurationError? { KeptItems<ReadableLogRecord>.problem(capacity: capacity) }
}
