// The traces that the collector has received, the newest of them.

import ExampleSupport
import Telemetry

/// Keeps the last traces in memory, so that they can be looked at after they were drawn.
struct TraceArchive: Sendable {
    /// One trace, as far as its spans have come.
    struct Trace: Sendable {
        let id: TraceID
        var spans: [TraceTreeSpan] = []
        /// Whether its tree has been drawn.
        var isDrawn = false
    }

    static let maximumSpansPerTrace = 1_000

    static let maximumLogRecordsPerTrace = 1_000

    private(set) var receivedSpanCount = 0
    private(set) var receivedLogRecordCount = 0
    private var recent: RecentTraces<Trace>
    // In a list of their own: records of traces that nobody samples push no trace out.
    private var logs: RecentTraces<[ReadableLogRecord]>

    init(capacity: Int) {
        recent = RecentTraces(capacity: capacity)
        logs = RecentTraces(capacity: capacity)
    }

    var traces: [Trace] { recent.entries }
    var forgottenTraceCount: Int { recent.forgottenCount }

    subscript(id: TraceID) -> Trace? { recent[id] }

    mutating func add(_ span: TraceTreeSpan) {
        receivedSpanCount += 1
        recent.modify(span.traceID, Trace(id: span.traceID)) { trace in
            guard trace.spans.count < Self.maximumSpansPerTrace else { return }
            trace.spans.append(span)
        }
    }

    /// Counts a log record, and keeps it if it belongs to a trace: they often come before the spans.
    mutating func add(_ record: ReadableLogRecord) {
        receivedLogRecordCount += 1
        let id = record.traceID
        guard id.isValid else { return }
        logs.modify(id, []) { records in
            guard records.count < Self.maximumLogRecordsPerTrace else { return }
            records.append(record)
        }
    }

    /// The log records of a trace, in the order of their times.
    func logRecords(of id: TraceID) -> [ReadableLogRecord] {
        (logs[id] ?? []).map { (time: $0.time, record: $0) }.sorted { $0.time < $1.time }.map(\.record)
    }

    mutating func markDrawn(_ id: TraceID) {
        guard recent[id] != nil else { return }
        recent.modify(id, Trace(id: id)) { $0.isDrawn = true }
    }
}

/// What belongs to the last traces that something has come of.
private struct RecentTraces<Entry: Sendable>: Sendable {
    let capacity: Int
    private(set) var forgottenCount = 0
    private var ids: [TraceID] = []
    private(set) var entries: [Entry] = []
    // The place of each trace in the lists; the first one stands at `forgottenCount`.
    private var places: [TraceID: Int] = [:]

    init(capacity: Int) {
        precondition(capacity > 0, "An archive holds at least one trace.")
        self.capacity = capacity
    }

    subscript(id: TraceID) -> Entry? { places[id].map { entries[$0 - forgottenCount] } }

    /// Changes what there is of a trace; where there is nothing yet, it begins with `fresh` and the oldest makes room.
    mutating func modify(_ id: TraceID, _ fresh: @autoclosure () -> Entry, _ change: (inout Entry) -> Void) {
        if places[id] == nil {
            if ids.count == capacity {
                places[ids.removeFirst()] = nil
                entries.removeFirst()
                forgottenCount += 1
            }
            places[id] = forgottenCount + ids.count
            ids.append(id)
            entries.append(fresh())
        }
        if let place = places[id] { change(&entries[place - forgottenCount]) }
    }
}
