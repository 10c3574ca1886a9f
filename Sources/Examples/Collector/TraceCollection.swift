// Gathers the spans and log records that arrive, draws each trace once it is complete, and keeps the last ones.

import ExampleSupport
import Synchronization
import Telemetry

/// Gathers what comes with all requests; traces are drawn when nothing new has come for a while.
final class TraceCollection: Sendable {
    private struct State {
        var assembler: TraceAssembler
        var archive: TraceArchive
    }

    private let state: Mutex<State>
    private let start = ContinuousClock.now
    private let style: TraceTreeStyle
    /// Where trees are written to.
    private let draw: @Sendable (String) -> Void

    /// - Parameter settle: how long to wait after the root of a trace for spans of services that export later.
    init(
        capacity: Int = 1_000, settle: Duration = .seconds(1), style: TraceTreeStyle = TraceTreeStyle(),
        draw: @escaping @Sendable (String) -> Void
    ) {
        let assembler = TraceAssembler(
            completion: .root, maximumTraces: capacity, maximumSpansPerTrace: TraceArchive.maximumSpansPerTrace, settle: settle,
            patience: max(settle, .seconds(10)))
        state = Mutex(State(assembler: assembler, archive: TraceArchive(capacity: capacity)))
        self.style = style
        self.draw = draw
    }

    func add(_ spans: [FinishedSpan]) {
        let spans = spans.map { TraceTreeSpan($0) }
        let now = start.duration(to: .now)
        state.withLock { state in
            for span in spans {
                state.assembler.add(span, at: now)
                state.archive.add(span)
            }
        }
    }

    /// Keeps log records, to be asked for with their trace.
    func add(_ records: [ReadableLogRecord]) {
        state.withLock { state in
            for record in records { state.archive.add(record) }
        }
    }

    /// Draws what is complete by now.
    func drawCompleted() {
        let now = start.duration(to: .now)
        draw(state.withLock { $0.assembler.takeCompleted(at: now) })
    }

    /// Draws everything, complete or not: for the end of the program.
    func drawAll() {
        draw(state.withLock { $0.assembler.takeAll() })
    }

    /// Draws what is complete, again and again, until the task is cancelled.
    func run() async {
        while !Task.isCancelled {
            drawCompleted()
            try? await Task.sleep(for: .milliseconds(20))
        }
    }

    /// What has been received so far.
    var archive: TraceArchive { state.withLock { $0.archive } }

    /// The tree of some spans, as it is drawn on the console but without colour.
    func plainText(of spans: [TraceTreeSpan]) -> String {
        var style = style
        style.isColored = false
        style.showsAttributes = true
        return TraceTree.text(for: spans, style: style)
    }

    private func draw(_ traces: [[TraceTreeSpan]]) {
        for spans in traces {
            draw(TraceTree.text(for: spans, style: style) + "\n")
            // Only once it can be seen: programs that wait for it then write below it.
            if let id = spans.first?.traceID { state.withLock { $0.archive.markDrawn(id) } }
        }
    }
}
