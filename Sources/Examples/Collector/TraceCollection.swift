// The state of the collector, shared by requests and by the task that draws.

import ExampleSupport
import Synchronization
import Telemetry

/// Collects the telemetry of all requests, and draws a trace when no span has arrived for a while.
final class TraceCollection: Sendable {
    private struct State {
        var archive: TraceArchive
        var metrics: MetricArchive
        var budget: DrawingBudget
    }

    private let state: Mutex<State>
    private let start = ContinuousClock.now
    private let settle: Duration
    private let patience: Duration
    private let style: TraceTreeStyle
    /// The user agent of requests whose traces are left out of the terminal.
    private let undrawnUserAgent: String?
    /// Writes the drawing of a trace.
    private let draw: @Sendable (String) -> Void

    /// - Parameters:
    ///   - settle: the time after the last span of a trace with a root, in which services that export later deliver theirs.
    ///   - undrawnUserAgent: the user agent of requests whose traces are not drawn; they are listed like all others.
    init(
        limits: CollectorLimits = CollectorLimits(), settle: Duration = .seconds(1), style: TraceTreeStyle = TraceTreeStyle(),
        undrawnUserAgent: String? = nil, draw: @escaping @Sendable (String) -> Void
    ) {
        state = Mutex(
            State(
                archive: TraceArchive(limits), metrics: MetricArchive(limits), budget: DrawingBudget(itemsPerSecond: limits.itemsPerSecond))
        )
        self.settle = settle
        patience = max(settle, .seconds(10))
        self.style = style
        self.undrawnUserAgent = undrawnUserAgent
        self.draw = draw
    }

    /// Takes a request that the console has taken, in protobuf.
    ///
    /// Drawing takes far longer than receiving does, so that beyond the budget items are only counted here.
    func take(_ request: [UInt8], _ signal: OTLPReceivedRequest.Signal, items: Int, maximumBytes: Int) {
        let now = start.duration(to: .now)
        guard state.withLock({ $0.budget.takes(items, at: now) }) else { return }
        let limits: OTLPReceiveLimits = signal == .metrics ? .metrics : OTLPReceiveLimits()
        // What the console has checked can be read here too.
        guard let received = try? OTLPReceivedRequest(request, signal, .protobuf, limits: limits, maximumBytes: maximumBytes) else {
            return
        }
        _ = add(received, signal)
    }

    /// Adds the items of a request; returns the number of invalid ones.
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

    /// Draws the traces that are complete by now.
    func drawCompleted() {
        let now = start.duration(to: .now)
        draw(state.withLock { $0.archive.takeDue(at: now, settle: settle, patience: patience) })
    }

    /// Draws the remaining traces, complete or not, at the end of the program; returns how many were left out at the deadline.
    @discardableResult func drawAll(until deadline: Deadline = .never) -> Int {
        var remaining = state.withLock { $0.archive.takeAll() }[...]
        while !deadline.hasPassed, let trace = remaining.popFirst() { draw([trace]) }
        return remaining.count
    }

    /// Draws completed traces every 20 milliseconds until the task is cancelled.
    func run() async {
        while !Task.isCancelled {
            drawCompleted()
            try? await Task.sleep(for: .milliseconds(20))
        }
    }

    /// A copy of the received traces and log records.
    var archive: TraceArchive { state.withLock { $0.archive } }

    /// Items that came too fast to be drawn; the console has them.
    var undrawnItemCount: Int { state.withLock { $0.budget.refusedCount } }

    /// A copy of the received metrics.
    var metrics: MetricArchive { state.withLock { $0.metrics } }

    /// Returns the drawing of a trace without colour, with attributes, scopes and resources.
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
            if !isUndrawn(trace) {
                // Late spans are drawn by themselves.
                let spans = trace.spans[min(trace.drawnSpanCount, trace.spans.count)...].map { TraceTreeSpan($0) }
                draw(TraceTree.text(for: spans, style: style, droppedSpanCount: trace.droppedSpanCount) + "\n")
            }
            // Marked after the drawing is written: the demo waits for the mark and then writes below it.
            state.withLock { $0.archive.markDrawn(trace) }
        }
    }

    private func isUndrawn(_ trace: TraceArchive.Trace) -> Bool {
        trace.spans.contains { span in
            // A console that probes many targets would draw nothing else.
            span.attributes["probe.target"] != nil
                || undrawnUserAgent.map { span.attributes["user_agent.original"] == .string($0) } ?? false
        }
    }
}
