// The environment variables of metrics: exporters and exemplars.

enum MetricsEnvironment {
    /// Returns the readers selected by `OTEL_METRICS_EXPORTER`.
    static func readers(_ environment: EnvironmentReader) -> [any MetricReader] {
        let variable = "OTEL_METRICS_EXPORTER"
        let names = environment.list(variable) ?? ["otlp"]
        var readers: [any MetricReader] = []
        var unknown: [String] = []
        for name in names {
            switch name {
            case "otlp": readers.append(.periodic(.otlp()))
            case "otlp/stdout": readers.append(.periodic(.otlpFile(.standardOutput)))
            case "prometheus": readers.append(.prometheus())
            case "console": readers.append(.periodic(.console()))
            case "none": break
            default: unknown.append(name)
            }
        }
        let fallsBack = readers.isEmpty && !names.contains("none")
        let fallback = fallsBack ? "; otlp is used" : ""
        for name in unknown {
            environment.report(
                variable, name, expected: "otlp, otlp/stdout, prometheus, console or none, several separated by commas\(fallback)")
        }
        return fallsBack ? [.periodic(.otlp())] : readers
    }

    /// Returns the exemplar filter of `OTEL_METRICS_EXEMPLAR_FILTER`.
    static func exemplarFilter(_ environment: EnvironmentReader) -> ExemplarFilter {
        guard let name = environment.text("OTEL_METRICS_EXEMPLAR_FILTER") else { return .traceBased }
        if let filter = ExemplarFilter(rawValue: name.lowercased()) { return filter }
        environment.report("OTEL_METRICS_EXEMPLAR_FILTER", name, expected: "always_on, always_off or trace_based; trace_based is used")
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
