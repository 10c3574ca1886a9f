// The environment variables of metrics: exporters and exemplars.

enum MetricsEnvironment {
    /// Returns the readers selected by `OTEL_METRICS_EXPORTER`.
    static func readers(_ environment: EnvironmentReader) -> [any MetricReader] {
        environment.selection("OTEL_METRICS_EXPORTER", of: "otlp, otlp/stdout, prometheus or console", default: "otlp") { name in
            switch name {
            case "otlp": .periodic(.otlp())
            case "otlp/stdout": .periodic(.otlpFile(.standardOutput))
            case "prometheus": .prometheus()
            case "console": .periodic(.console())
            default: nil
            }
        }
    }

    /// Returns the exemplar filter of `OTEL_METRICS_EXEMPLAR_FILTER`.
    static func exemplarFilter(_ environment: EnvironmentReader) -> ExemplarFilter {
        guard let name = environment.text("OTEL_METRICS_EXEMPLAR_FILTER") else { return .traceBased }
        if let filter = ExemplarFilter(rawValue: name.lowercased()) { return filter }
        environment.report(
            "OTEL_METRICS_EXEMPLAR_FILTER", name, expected: "always_on, always_off or trace_based", used: "trace_based is used")
        return .traceBased
    }
}

extension [any MetricReader] {
    /// Shuts down unused readers, so that their threads end; the caller does not wait.
    func retire() {
        let deadline = Deadline.after(.seconds(5))
        for reader in self { _ = FlushRequest.running(isShutdown: true, deadline: deadline) { await reader.shutdown(deadline: deadline) } }
    }
}
