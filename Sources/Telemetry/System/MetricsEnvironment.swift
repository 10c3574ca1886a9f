// What the environment says about metrics.

/// What the environment says about metrics.
enum MetricsEnvironment {
    /// Where metrics go: `OTEL_METRICS_EXPORTER`.
    static func readers(_ environment: EnvironmentReader) -> [any MetricReader] {
        []
    }

    /// Which measurements may become exemplars: `OTEL_METRICS_EXEMPLAR_FILTER`.
    static func exemplarFilter(_ environment: EnvironmentReader) -> ExemplarFilter {
        .traceBased
    }
}

extension [any MetricReader] {
    /// Ends readers that nobody uses.
    func retire() {
        for reader in self {
            _ = FlushRequest.running(isShutdown: true, deadline: .after(.seconds(1))) {
                await reader.shutdown(deadline: .after(.seconds(1)))
            }
        }
    }
}
