// An exporter of one signal as the destination of a pipeline.

/// An exporter that reports its destination, its counts and its component.
protocol ReportingExporter: Sendable {
    /// The name of the receiver in messages, without passwords.
    var destinationName: String { get }
    var status: DestinationStatus { get }
    /// The component for metrics about telemetry itself.
    var component: ExportComponent { get }
    /// How many batches it can deliver at the same time.
    var maximumConcurrentExports: Int { get }

    /// Ends exports in flight soon if their batches can be kept. Called on another thread, at half the time of a shutdown.
    func interruptInFlightExports()
}

extension ReportingExporter {
    var status: DestinationStatus { DestinationStatus() }
    var component: ExportComponent { ExportComponent(type: String(describing: Self.self)) }
    var maximumConcurrentExports: Int { 1 }
    func interruptInFlightExports() {}
}

/// An exporter that may keep a batch on disk that it cannot deliver now, and deliver it later.
protocol KeepingExporter: ReportingExporter {
    /// Delivers or keeps one batch; ``ReportingExporter/status`` counts the kept items from then on.
    func deliver(_ batch: ItemBatch, deadline: Deadline) async -> BatchOutcome
}

/// Hands the batches of a pipeline to an exporter of one signal.
struct ExporterDestination<Exporter: Sendable>: BatchDestination {
    /// The exporter's own methods, which each signal names after its batches.
    struct Calls: Sendable {
        let export: @Sendable (ItemBatch, Deadline) async throws(ExportFailure) -> Void
        let forceFlush: @Sendable (Deadline) async -> FlushResult
        let shutdown: @Sendable (Deadline) async -> FlushResult
    }

    let exporter: Exporter
    let calls: Calls

    private var reporting: (any ReportingExporter)? { exporter as? any ReportingExporter }
    var name: String { reporting?.destinationName ?? String(describing: Swift.type(of: exporter as Any)) }
    var maximumConcurrentExports: Int { reporting?.maximumConcurrentExports ?? 1 }
    var status: DestinationStatus { reporting?.status ?? DestinationStatus() }
    var component: ExportComponent { reporting?.component ?? ExportComponent(type: String(describing: Swift.type(of: exporter as Any))) }

    func interruptInFlightExports() { reporting?.interruptInFlightExports() }

    func export(_ batch: ItemBatch, deadline: Deadline) async -> BatchOutcome {
        if let keeping = exporter as? any KeepingExporter { return await keeping.deliver(batch, deadline: deadline) }
        do throws(ExportFailure) {
            try await calls.export(batch, deadline)
            return .delivered
        } catch {
            return .failed(error)
        }
    }

    func forceFlush(deadline: Deadline) async -> FlushResult { await calls.forceFlush(deadline) }

    func shutdown(deadline: Deadline) async -> FlushResult { await calls.shutdown(deadline) }
}
