// Buffers spans until their trace is complete.

/// Collects finished spans by trace and returns each trace once it is complete, within limits.
///
/// It has no clock: `now` is the time since any fixed moment, on a clock that never steps back.
package struct TraceAssembler: Sendable {
    /// The span that completes a trace.
    package enum Completion: Sendable {
        /// The span without a parent: for a collector, which receives spans of all processes.
        case root
        /// A span without a local parent: for an exporter, which receives spans of one process.
        case localRoot
    }

    package let maximumTraces: Int
    package let maximumSpansPerTrace: Int
    /// The time without new spans after which a complete trace is returned.
    package let settle: Duration
    /// The time without new spans after which an incomplete trace is returned.
    package let patience: Duration

    /// The number of traces dropped at the limit, oldest first.
    package private(set) var droppedTraceCount = 0
    /// The number of dropped spans: those of dropped traces, and the oldest of traces at the limit.
    package private(set) var droppedSpanCount = 0
    /// The number of buffered spans.
    package private(set) var spanCount = 0

    private let completion: Completion
    private var traces: [TraceID: Trace] = [:]
    private var arrivals: UInt64 = 0

    private struct Trace {
        var arrival: UInt64
        var lastChange: Duration
        var isComplete = false
        var spans: [TraceTreeSpan] = []
        /// The index of the oldest span once the trace is full; the next span replaces it.
        var oldest = 0

        var spansInOrder: [TraceTreeSpan] { Array(spans[oldest...] + spans[..<oldest]) }
    }

    /// - Parameters:
    ///   - maximumTraces: the limit of traces, at least 1.
    ///   - maximumSpansPerTrace: the limit of spans of a trace, at least 1.
    package init(
        completion: Completion, maximumTraces: Int = 1_000, maximumSpansPerTrace: Int = 1_000, settle: Duration = .zero,
        patience: Duration = .seconds(30)
    ) {
        self.completion = completion
        self.maximumTraces = max(1, maximumTraces)
        self.maximumSpansPerTrace = max(1, maximumSpansPerTrace)
        self.settle = settle
        self.patience = patience
    }

    package var traceCount: Int { traces.count }

    /// Adds a span; at the limits it replaces the oldest.
    package mutating func add(_ span: TraceTreeSpan, at now: Duration) {
        if traces[span.traceID] == nil { begin(span.traceID, at: now) }
        let (limit, completes) = (maximumSpansPerTrace, completes(span))
        let isFull = modify(span.traceID) { trace in
            trace.lastChange = now
            trace.isComplete = trace.isComplete || completes
            guard trace.spans.count >= limit else {
                trace.spans.append(span)
                return false
            }
            trace.spans[trace.oldest] = span
            trace.oldest = (trace.oldest + 1) % limit
            return true
        }
        if isFull { droppedSpanCount += 1 } else { spanCount += 1 }
    }

    /// Removes and returns complete and timed-out traces, in order of arrival.
    package mutating func takeCompleted(at now: Duration) -> [[TraceTreeSpan]] {
        let (settle, patience) = (settle, patience)
        return take { now - $0.lastChange >= ($0.isComplete ? settle : patience) }
    }

    /// Removes and returns all traces, complete or not: for the shutdown.
    package mutating func takeAll() -> [[TraceTreeSpan]] {
        take { _ in true }
    }

    private func completes(_ span: TraceTreeSpan) -> Bool {
        switch completion {
        case .root: !span.parentSpanID.isValid
        case .localRoot: !span.parentSpanID.isValid || span.hasRemoteParent
        }
    }

    private mutating func begin(_ traceID: TraceID, at now: Duration) {
        if traces.count >= maximumTraces, let oldest = traces.min(by: { $0.value.arrival < $1.value.arrival }) {
            traces[oldest.key] = nil
            droppedTraceCount += 1
            droppedSpanCount += oldest.value.spans.count
            spanCount -= oldest.value.spans.count
        }
        arrivals += 1
        traces[traceID] = Trace(arrival: arrivals, lastChange: now)
    }

    private mutating func modify(_ traceID: TraceID, _ change: (inout Trace) -> Bool) -> Bool {
        change(&traces[traceID, default: Trace(arrival: arrivals, lastChange: .zero)])
    }

    private mutating func take(_ isDue: (Trace) -> Bool) -> [[TraceTreeSpan]] {
        let due = traces.filter { isDue($0.value) }.sorted { $0.value.arrival < $1.value.arrival }
        for (traceID, trace) in due {
            traces[traceID] = nil
            spanCount -= trace.spans.count
        }
        return due.map(\.value.spansInOrder)
    }
}
