// Adapts metric exporters to what all signals share in delivery.

/// Exports the batches of a reader through its exporter.
struct MetricDestination: ExportDestination {
    let exporter: any MetricExporter

    private var reporting: (any ReportingMetricExporter)? { exporter as? any ReportingMetricExporter }
    var name: String { reporting?.destinationName ?? String(describing: type(of: exporter)) }
    var status: DestinationStatus { reporting?.status ?? DestinationStatus() }
    var component: ExportComponent { reporting?.component ?? ExportComponent(type: String(describing: type(of: exporter))) }

    func interruptInFlightExports() { reporting?.interruptInFlightExports() }

    func export(_ batch: MetricBatch, deadline: Deadline) async -> BatchOutcome {
        if let keeping = exporter as? any KeepingMetricExporter { return await keeping.deliver(batch, deadline: deadline) }
        do throws(ExportFailure) {
            try await exporter.export(batch, deadline: deadline)
            return .delivered
        } catch {
            return .failed(error)
        }
    }

    func forceFlush(deadline: Deadline) async -> FlushResult { await exporter.forceFlush(deadline: deadline) }

    func shutdown(deadline: Deadline) async -> FlushResult { await exporter.shutdown(deadline: deadline) }
}
