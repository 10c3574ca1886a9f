// Protocols of the SDK's own exporters beyond the public one.

/// An exporter that reports its status and its destination.
protocol ReportingMetricExporter: MetricExporter {
    /// The destination for diagnostics, without passwords.
    var destinationName: String { get }
    var status: DestinationStatus { get }
    /// The component for metrics about the SDK itself.
    var component: ExportComponent { get }

    /// Has exports that are under way end soon if what they deliver can be kept.
    ///
    /// Called on another thread, at a shutdown.
    func interruptInFlightExports()
}

extension ReportingMetricExporter {
    var component: ExportComponent { ExportComponent(type: String(describing: Self.self)) }
    func interruptInFlightExports() {}
}

/// An exporter that may store a batch which it cannot export now, and export it later.
///
/// The stored batch outlives the process.
protocol KeepingMetricExporter: ReportingMetricExporter {
    /// Exports or stores one batch; ``ReportingMetricExporter/status`` counts stored ones from then on.
    func deliver(_ batch: MetricBatch, deadline: Deadline) async -> BatchOutcome
}
