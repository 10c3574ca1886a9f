// The report of all settings at start, for OTEL_LOG_LEVEL=debug.

/// The settings after code, environment and defaults are merged. Exporters report their own.
struct EffectiveConfiguration {
    let resource: Resource
    let propagator: any Propagator
    let tracing: TracerProvider
    let readers: [any MetricReader]
    let logging: LoggerProvider
    let isDisabled: Bool

    /// Reports the settings, one message per signal.
    func report() {
        guard !isDisabled else {
            Diagnostics.report(.debug, "Telemetry is disabled, by OTEL_SDK_DISABLED or its configuration: nothing is recorded.")
            return
        }
        let headers = propagator.fields.isEmpty ? "none" : propagator.fields.joined(separator: ", ")
        let start = "Telemetry starts with the resource \(resource.attributes), propagates by the headers: \(headers)"
        Diagnostics.report(.debug, "\(start), and times what it records by \(tracing.setup.clock.source).")
        let sampler = tracing.setup.sampling.sampler
        Diagnostics.report(.debug, "Traces: \(sampler.description); \(list(tracing.pipelines.map(\.summary))); \(limits).")
        Diagnostics.report(.debug, "Metrics: \(list(readers.map(summary))).")
        Diagnostics.report(.debug, "Logs: \(list(logging.pipelines.map(\.summary))).")
    }

    private var limits: String {
        let limits = tracing.limits
        let length = limits.attributeValueLength.map { ", values of \(quantity($0, "character"))" } ?? ""
        return "at most \(quantity(limits.attributeCount, "attribute")), \(quantity(limits.eventCount, "event")) and"
            + " \(quantity(limits.linkCount, "link")) a span\(length)"
    }

    private func list(_ parts: [String]) -> String { parts.isEmpty ? "nothing is exported" : parts.joined(separator: "; ") }

    private func summary(_ reader: any MetricReader) -> String {
        switch reader {
        case let reader as PeriodicMetricReader:
            guard let pipeline = reader.pipeline else { return "a periodic reader" }
            return
                "\(pipeline.name), every \(pipeline.settings.interval), timeout \(pipeline.settings.timeout), to \(pipeline.destination.name)"
        case let reader as PrometheusExporter: return reader.port.map { "pages for Prometheus on port \($0)" } ?? "pages for Prometheus"
        default: return String(describing: type(of: reader))
        }
    }
}

extension ExportPipeline {
    fileprivate var summary: String {
        let targets = accountedDestinations.map(\.destination.name).joined(separator: " and ")
        let schedule = isImmediate ? "at once" : "batches of \(options.maxExportBatchSize) every \(options.scheduleDelay)"
        return "\(name), queue of \(options.maxQueueSize), \(schedule), timeout \(options.exportTimeout), to \(targets)"
    }
}
