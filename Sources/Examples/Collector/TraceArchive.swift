// The traces that the collector has received, the newest of them, with their log records.

import ExampleSupport
import Telemetry

/// How much the collector keeps.
struct CollectorLimits: Sendable {
    /// Traces, and as many lists of log records.
    var traces = 1_000
    /// Bytes of spans, log records and metrics as they were decoded, and of what their elements take besides.
    var bytes = 64 << 20
    var spansPerTrace = 1_000
    var logRecordsPerTrace = 1_000
    var metrics = 10_000

    /// One trace takes no more than this, so that it does not push all others out.
    var bytesPerTrace: Int { min(4 << 20, bytes / 8) }
}

/// Keeps the last traces in memory, so that they can be looked at after they were drawn.
struct TraceArchive: Sendable {
    /// One trace, as far as its spans have come.
    struct Trace: Sendable {
        let id: TraceID
        var spans: [ReadableSpan] = []
        /// Spans that were left out because the trace had too many, or took too many bytes.
        var droppedSpanCount = 0
        /// How many of the spans have been drawn.
        var drawnSpanCount = 0
        /// Whether the span without a parent has come.
        var hasRoot = false
        fileprivate var spanIDs: Set<SpanID> = []
        fileprivate var byteCount = 0
        fileprivate var lastShared: ObjectIdentifier?
        fileprivate var lastChange = Duration.zero

        init(id: TraceID) {
            self.id = id
        }

        /// Whether all that has come is there and has been drawn.
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
    private(set) var receivedSpanCount = 0
    private(set) var receivedLogRecordCount = 0
    /// Spans that came again.
    private(set) var duplicateSpanCount = 0
    /// Spans without a valid identifier of their own or of their trace.
    private(set) var invalidSpanCount = 0
    /// Spans that were left out of traces with too many.
    private(set) var droppedSpanCount = 0
    private var recent: RecentEntries<TraceID, Trace>
    // In a list of their own: records of traces that are not sampled push no trace out.
    private var logs: RecentEntries<TraceID, Logs>
    /// Traces of which not all is drawn.
    private var waiting: Set<TraceID> = []

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

    /// Takes a span in; one that is there already, or has no valid identifiers, only counts. False for the latter.
    mutating func add(_ span: ReadableSpan, at now: Duration) -> Bool {
        let (traceID, spanID) = (span.traceID, span.spanID)
        // Spans without identifiers have nothing to do with each other, so they are joined with nothing.
        guard traceID.isValid, spanID.isValid else {
            invalidSpanCount += 1
            return false
        }
        receivedSpanCount += 1
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
                // The root says what the trace is about: it takes the place of the last one.
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
        if isKept { waiting.insert(traceID) }
        return true
    }

    /// Counts a log record, and keeps it if it belongs to a trace: they often come before the spans.
    mutating func add(_ record: ReadableLogRecord) {
        receivedLogRecordCount += 1
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

    /// The log records of a trace, in the order of their times.
    func logs(of id: TraceID) -> Logs {
        var logs = logs[id] ?? Logs()
        logs.records = logs.records.map { (time: $0.time, record: $0) }.sorted { $0.time < $1.time }.map(\.record)
        return logs
    }

    /// Hands out the traces to be drawn: those whose root has come and that have settled, and those that were waited for long enough.
    mutating func takeDue(at now: Duration, settle: Duration, patience: Duration) -> [Trace] {
        take { now - $0.lastChange >= ($0.hasRoot ? settle : patience) }
    }

    /// Hands out all that has not been drawn.
    mutating func takeAll() -> [Trace] { take { _ in true } }

    private mutating func take(_ isDue: (Trace) -> Bool) -> [Trace] {
        var due: [Trace] = []
        for id in waiting {
            let trace = recent[id]
            guard let trace else {
                waiting.remove(id)
                continue
            }
            guard isDue(trace) else { continue }
            waiting.remove(id)
            due.append(trace)
        }
        return due.sorted { ($0.lastChange, "\($0.id)") < ($1.lastChange, "\($1.id)") }
    }

    mutating func markDrawn(_ trace: Trace) {
        guard recent[trace.id] != nil else { return }
        recent.modify(trace.id, trace) { kept in
            kept.drawnSpanCount = max(kept.drawnSpanCount, min(trace.spans.count, kept.spans.count))
            return 0
        }
    }
}
