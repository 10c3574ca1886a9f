// The console exporter of the tracing signal.

/// Prints each trace as an indented tree once its local root has ended, with durations and bars.
///
/// For development: put it behind ``SpanProcessor/simple(_:)``. The text may change from version to version.
public final class ConsoleSpanExporter: SpanExporter {
    private let assembler: Locked<TraceAssembler>
    private let style: TraceTreeStyle
    private let stream: StandardStream

    /// - Parameters:
    ///   - width: the columns of the tree.
    ///   - showsAttributes: whether each span's attributes are printed below it.
    public init(width: Int = 100, showsAttributes: Bool = false) {
        stream = .output
        style = TraceTreeStyle(width: width, showsAttributes: showsAttributes, isColored: StandardStream.output.isColored())
        assembler = Locked(TraceAssembler(completion: .localRoot))
    }

    public func export(_ batch: borrowing SpanBatch, deadline: Deadline) async throws(ExportFailure) {
        let now = Duration.nanoseconds(Int64(clamping: SystemClock.monotonicNanoseconds()))
        let spans = batch.map { TraceTreeSpan($0) }
        let complete = assembler.withLock { assembler in
            for span in spans { assembler.add(span, at: now) }
            return assembler.takeCompleted(at: now)
        }
        try show(complete, deadline)
    }

    /// Prints the spans of traces whose root has not ended.
    public func forceFlush(deadline: Deadline) async -> FlushResult {
        do throws(ExportFailure) {
            try show(assembler.withLock { $0.takeAll() }, deadline)
            return .completed
        } catch {
            if case .timedOut = error { return .timedOut }
            return .failed
        }
    }

    private func show(_ traces: [[TraceTreeSpan]], _ deadline: Deadline) throws(ExportFailure) {
        for trace in traces { try stream.show(TraceTree.text(for: trace, style: style) + "\n", deadline: deadline) }
    }
}

extension SpanExporter where Self == ConsoleSpanExporter {
    /// Prints traces to standard output as trees.
    public static func console(width: Int = 100, showsAttributes: Bool = false) -> Self {
        ConsoleSpanExporter(width: width, showsAttributes: showsAttributes)
    }
}

extension SpanProcessor where Self == SimpleSpanProcessor {
    /// Prints traces to standard output as trees, each as soon as it is complete.
    public static func console(width: Int = 100, showsAttributes: Bool = false) -> Self {
        .simple(.console(width: width, showsAttributes: showsAttributes))
    }
}
