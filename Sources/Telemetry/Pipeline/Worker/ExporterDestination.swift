// An exporter as the destination of a pipeline or a metric reader.

/// Hands batches to an exporter, whatever its signal, and asks it for its report if it has one.
struct ExporterDestination<Batch: Sendable>: ExportDestination {
    /// The methods of the exporter, which each signal has in a protocol of its own.
    struct Calls: Sendable {
        let export: @Sendable (Batch, Deadline) async throws(ExportFailure) -> Void
        let forceFlush: @Sendable (Deadline) async -> FlushResult
        let shutdown: @Sendable (Deadline) async -> FlushResult
    }

    private let report: any ReportingExporter
    private let keeping: (any KeepingExporter<Batch>)?
    private let calls: Calls

    init(_ exporter: any Sendable, _ calls: Calls) {
        report = exporter as? any ReportingExporter ?? SilentExporter(destinationName: String(describing: Swift.type(of: exporter)))
        keeping = exporter as? any KeepingExporter<Batch>
        self.calls = calls
    }

    var name: String { report.destinationName }
    var status: ExporterStatus { report.status }
    var component: ExporterComponent { report.component }
    var maximumConcurrentExports: Int { report.maximumConcurrentExports }

    func interruptInFlightExports() { report.interruptInFlightExports() }

    func export(_ batch: Batch, deadline: Deadline) async -> BatchOutcome {
        if let keeping { return await keeping.deliver(batch, deadline: deadline) }
        do throws(ExportFailure) {
            try await calls.export(batch, deadline)
            return report.isBuffering ? .takenOver : .delivered
        } catch {
            return .failed(error)
        }
    }

    func forceFlush(deadline: Deadline) async -> FlushResult { await calls.forceFlush(deadline) }

    func shutdown(deadline: Deadline) async -> FlushResult { await calls.shutdown(deadline) }
}

extension ExporterDestination: BatchDestination where Batch == ItemBatch {}

/// Stands for an exporter that reports nothing: its type is its name.
private struct SilentExporter: ReportingExporter {
    let destinationName: String

    var component: ExporterComponent { ExporterComponent(type: destinationName) }
}
