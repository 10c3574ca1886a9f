// Gathers what arrives of all signals, draws each trace once it is complete, and keeps the last ones.

import ExampleSupport
import Synchronization
import Telemetry

/// Gathers what comes with all requests; traces are drawn when nothing new has come for a while.
final class TraceCollection: Sendable {
    private struct State {
        var archive: TraceArchive
        var metrics: MetricArchive
    }

    private let state: Mutex<State>
    private let start = ContinuousClock.now
    private let settle: Duration
    private let patience: Duration
    private let style: TraceTreeStyle
    /// Where trees are written to.
    private let draw: @Sendable (String) -> Void

    /// - Parameter settle: how long to wait after the root of a trace for spans of services that export later.
    init(
        limits: CollectorLimits = CollectorLimits(), settle: Duration = .seconds(1), style: TraceTreeStyle = TraceTreeStyle(),
        draw: @escaping @Sendable (String) -> Void
    ) {
        state = Mutex(State(archive: TraceArchive(limits), metrics: MetricArchive(limits)))
        self.settle = settle
        patience = max(settle, .seconds(10))
        self.style = style
        self.draw = draw
    }

    /// Takes in what a request holds; returns how many of its items are no valid ones.
    func add(_ request: OTLPReceivedRequest, _ signal: OTLPReceivedRequest.Signal) -> Int {
        let now = start.duration(to: .now)
        var invalidCount = 0
        switch signal {
        case .traces:
            request.forEachSpan { span in
                if !state.withLock({ $0.archive.add(span, at: now) }) { invalidCount += 1 }
            }
        case .logs: request.forEachLogRecord { record in state.withLock { $0.archive.add(record) } }
        case .metrics:
            state.withLock { $0.metrics.beginRequest() }
            request.forEachMetric { metric in state.withLock { $0.metrics.add(metric) } }
        }
        return invalidCount
    }

    /// Draws what is complete by now.
    func drawCompleted() {
        let now = start.duration(to: .now)
        draw(state.withLock { $0.archive.takeDue(at: now, settle: settle, patience: patience) })
    }

    /// Draws everything, complete or not: for the end of the program.
    func drawAll() {
        draw(state.withLock { $0.archive.takeAll() })
    }

    /// Draws what is complete, again and again, until the task is cancelled.
    func run() async {
        while !Task.isCancelled {
            drawCompleted()
            try? await Task.sleep(for: .milliseconds(20))
        }
    }

    /// The traces and log records received so far.
    var archive: TraceArchive { state.withLock { $0.archive } }

    /// The metrics received so far.
    var metrics: MetricArchive { state.withLock { $0.metrics } }

    /// The tree of a trace, as it is drawn on the console but without colour and with all that is known.
    func plainText(of trace: TraceArchive.Trace) -> String {
        var style = style
        style.isColored = false
        style.showsAttributes = true
        style.showsOrigin = true
        return TraceTree.text(
            for: trace.spans.map { TraceTreeSpan($0) }, style: style, droppedSpanCount: trace.droppedSpanCount)
    }

    private func draw(_ traces: [TraceArchive.Trace]) {
        for trace in traces {
            // What came late is drawn by itself.
            let spans = trace.spans[min(trace.drawnSpanCount, trace.spans.count)...].map { TraceTreeSpan($0) }
            draw(TraceTree.text(for: spans, style: style, droppedSpanCount: trace.droppedSpanCount) + "\n")
            // Only once it can be seen: programs that wait for it then write below it.
            state.withLock { $0.archive.markDrawn(trace) }
        }
    }
}
