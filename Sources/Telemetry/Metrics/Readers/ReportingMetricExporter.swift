// What the exporters of the SDK offer to their reader beyond the public protocol.

/// An exporter that can tell more about itself than how its exports end.
protocol ReportingMetricExporter: MetricExporter {
    /// What it delivers to, for people, without passwords.
    var destinationName: String { get }
    var status: DestinationStatus { get }
    /// What it is, for metrics about telemetry itself.
    var component: ExportComponent { get }

    /// Has exports that are under way end soon if what they deliver can be kept; called on another thread, at a shutdown.
    func hurry()
}

extension ReportingMetricExporter {
    var component: ExportComponent { ExportComponent(type: String(describing: Self.self)) }
    func hurry() {}
}

/// An exporter that may keep a batch which it cannot deliver now, where it outlives the process, and deliver it later.
protocol KeepingMetricExporter: ReportingMetricExporter {
    /// Delivers or keeps one batch; from then on ``ReportingMetricExporter/status`` counts what was kept.
    func deliver(_ batch: MetricBatch, deadline: Deadline) async -> BatchOutcome
}
