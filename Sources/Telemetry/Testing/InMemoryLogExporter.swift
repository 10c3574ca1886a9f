// The exporter for tests of the logging signal.

/// Keeps log records in memory, for tests of programs that log.
///
/// Register it as a processor, so that a record is available as soon as it is emitted: `logs: [memory]`; it keeps the record as the
/// processors before it left it. Or put it behind a processor that exports, `logs: [.batch(memory)]`, and flush before looking.
public final class InMemoryLogExporter: LogExporter, LogProcessor {
    private struct State {
        var records: [ReadableLogRecord] = []
        var droppedCount = 0
        var isShutDown = false
    }

    /// The limit for kept records; later ones are dropped and counted.
    public let capacity: Int
    private let state = Locked(State())

    public init(capacity: Int = 100_000) {
        precondition(capacity >= 0, "A capacity is not negative.")
        self.capacity = capacity
    }

    /// The kept records, in the order of their arrival.
    public var finishedRecords: [ReadableLogRecord] { state.withLock { $0.records } }

    /// The number of dropped records.
    public var droppedCount: Int { state.withLock { $0.droppedCount } }

    /// Removes all records.
    public func reset() {
        state.withLock { state in
            state.records = []
            state.droppedCount = 0
        }
    }

    public func export(_ batch: borrowing LogBatch, deadline: Deadline) async throws(ExportFailure) {
        // The record is copied, since the memory of the batch is reused.
        guard keep(batch.map(\.detached)) else { throw .shutDown }
    }

    public func onEmit(_ record: inout ReadWriteLogRecord) { _ = keep([record.snapshot]) }

    public func forceFlush(deadline: Deadline) async -> FlushResult { .completed }

    public func shutdown(deadline: Deadline) async -> FlushResult {
        state.withLock { $0.isShutDown = true }
        return .completed
    }

    private func keep(_ records: [ReadableLogRecord]) -> Bool {
        state.withLock { state in
            guard !state.isShutDown else { return false }
            let room = max(0, capacity - state.records.count)
            state.records += records.prefix(room)
            state.droppedCount += max(0, records.count - room)
            return true
        }
    }
}
