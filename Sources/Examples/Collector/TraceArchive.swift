// The memory of the collector for spans and for the log records beside them.

import ExampleSupport
import Telemetry

/// The most recent traces with their log records, for queries after they were drawn.
struct TraceArchive: Sendable {
    /// The received spans of one trace.
    struct Trace: Sendable {
        let id: TraceID
        var spans: [ReadableSpan] = []
        /// Spans that were dropped because the trace had too many, or took too many bytes.
        var droppedSpanCount = 0
        /// The number of drawn spans, which are the first ones.
        var drawnSpanCount = 0
        /// Whether the span without a parent was received.
        var hasRoot = false
        fileprivate var spanIDs: Set<SpanID> = []
        fileprivate var byteCount = 0
        fileprivate var lastShared: ObjectIdentifier?
        fileprivate var lastChange = Duration.zero

        init(id: TraceID) {
            self.id = id
        }

        /// Whether all received spans are kept and drawn.
        var isComplete: Bool { droppedSpanCount == 0 && !spans.isEmpty && drawnSpanCount == spans.count }
    }

    /// The log records of one trace.
    struct Logs: Sendable {
        var records: [ReadableLogRecord] = []
        var droppedCount = 0
        fileprivate var byteCount = 0
        fileprivate var lastShared: ObjectIdentifier?
    }

    private static let itemBytes = 256

    let limits: CollectorLimits
    /// Spans that were received more than once.
    private(set) var duplicateSpanCount = 0
    /// Spans without a valid identifier of their own or of their trace.
    private(set) var invalidSpanCount = 0
    /// Spans that were dropped from traces beyond a limit.
    private(set) var droppedSpanCount = 0
    private var recent: RecentEntries<TraceID, Trace>
    // Records have a list of their own, so that those of unsampled traces push no trace out.
    private var logs: RecentEntries<TraceID, Logs>
    /// Traces with spans that are not drawn.
    private var undrawn: Set<TraceID> = []

    init(_ limits: CollectorLimits) {
        self.limits = limits
        recent = RecentEntries(maximumCount: limits.traces, maximumBytes: limits.bytes / 2)
        logs = RecentEntries(maximumCount: limits.traces, maximumBytes: limits.bytes / 4)
    }

    var traces: [Trace] { recent.entries }
    var traceCount: Int { recent.count }
    var forgottenTraceCount: Int { recent.forgottenCount }
    var byteCount: Int { recent.byteCount + logs.byteCount }

    subscript(id: TraceID) -> Trace? { recent[id] }

    /// Adds a span; a duplicate is only counted, and so is an invalid one, for which this returns false.
    mutating func add(_ span: ReadableSpan, at now: Duration) -> Bool {
        let (traceID, spanID) = (span.traceID, span.spanID)
        // Spans without identifiers are unrelated, so they form no trace.
        guard traceID.isValid, spanID.isValid else {
            invalidSpanCount += 1
            return false
        }
        var (isDuplicate, isKept, isFull) = (false, false, false)
        let limits = limits
        recent.modify(traceID, Trace(id: traceID)) { trace in
            guard !trace.spanIDs.contains(spanID) else {
                isDuplicate = true
                return 0
            }
            let size = span.receivedSize
            var bytes = size.bytes + Self.itemBytes
            if size.shared != trace.lastShared { bytes += size.sharedBytes }
            isFull = trace.spans.count >= limits.spansPerTrace || trace.byteCount + bytes > limits.bytesPerTrace
            let isRoot = !span.parentSpanID.isValid
            if isFull {
                trace.droppedSpanCount += 1
                // The root names the trace, so it replaces the last span.
                guard isRoot, !trace.hasRoot, let last = trace.spans.popLast() else { return 0 }
                trace.spanIDs.remove(last.spanID)
                trace.drawnSpanCount = min(trace.drawnSpanCount, trace.spans.count)
            }
            isKept = true
            trace.spanIDs.insert(spanID)
            trace.spans.append(span)
            trace.byteCount += bytes
            trace.lastShared = size.shared
            trace.lastChange = now
            trace.hasRoot = trace.hasRoot || isRoot
            return bytes
        }
        if isDuplicate { duplicateSpanCount += 1 }
        if isFull { droppedSpanCount += 1 }
        if isKept { undrawn.insert(traceID) }
        return true
    }

    /// Keeps a log record if it has a trace; its spans often arrive later.
    mutating func add(_ record: ReadableLogRecord) {
        let id = record.traceID
        guard id.isValid else { return }
        let limits = limits
        logs.modify(id, Logs()) { logs in
            let size = record.receivedSize
            var bytes = size.bytes + Self.itemBytes
            if size.shared != logs.lastShared { bytes += size.sharedBytes }
            guard logs.records.count < limits.logRecordsPerTrace, logs.byteCount + bytes <= limits.bytesPerTrace / 2 else {
                logs.droppedCount += 1
                return 0
            }
            logs.records.append(record)
            logs.byteCount += bytes
            logs.lastShared = size.shared
            return bytes
        }
    }

    /// Returns the log records of a trace, in the order of their times.
    func logs(of id: TraceID) -> Logs {
        var logs = logs[id] ?? Logs()
        logs.records = logs.records.map { (time: $0.time, record: $0) }.sorted { $0.time < $1.time }.map(\.record)
        return logs
    }

    /// Removes and returns the traces to draw: with a root after `settle` without a new span, without one after `patience`.
    mutating func takeDue(at now: Duration, settle: Duration, patience: Duration) -> [Trace] {
        take { now - $0.lastChange >= ($0.hasRoot ? settle : patience) }
    }

    /// Removes and returns all traces that are not drawn.
    mutating func takeAll() -> [Trace] { take { _ in true } }

    private mutating func take(_ isDue: (Trace) -> Bool) -> [Trace] {
        var due: [Trace] = []
        for id in undrawn {
            guard let trace = recent[id] else {
                undrawn.remove(id)
                continue
            }
            guard isDue(trace) else { continue }
            undrawn.remove(id)
            due.append(trace)
        }
        return due.sorted { ($0.lastChange, "\($0.id)") < ($1.lastChange, "\($1.id)") }
    }

    /// Marks the spans of a drawn trace; spans that were added meanwhile stay undrawn.
    mutating func markDrawn(_ trace: Trace) {
        guard recent[trace.id] != nil else { return }
        recent.modify(trace.id, trace) { kept in
            kept.drawnSpanCount = max(kept.drawnSpanCount, min(trace.spans.count, kept.spans.count))
            return 0
        }
    }
}
