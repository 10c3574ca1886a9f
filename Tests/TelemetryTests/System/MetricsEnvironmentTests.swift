// Environment variables of metrics: readers and exemplars.

import Testing

@testable import Telemetry

struct MetricsEnvironmentTests {
    private func readers(_ value: String?) -> [any MetricReader] {
        MetricsEnvironment.readers(EnvironmentReader(value.map { ["OTEL_METRICS_EXPORTER": $0] } ?? [:]))
    }

    @Test func exportersAreNamedByTheEnvironment() {
        func names(_ value: String?) -> [String] { readers(value).map { "\(type(of: $0))" } }
        #expect(names(nil) == ["PeriodicMetricReader"])
        #expect(names("") == ["PeriodicMetricReader"])
        #expect(names("none") == [])
        #expect(names("otlp/stdout") == ["PeriodicMetricReader"])
        #expect(names("Prometheus, console") == ["PrometheusExporter", "PeriodicMetricReader"])
        #expect(names("unheard-of,prometheus") == ["PrometheusExporter"])
        #expect(names("unheard-of") == ["PeriodicMetricReader"])
    }

    @Test func consoleIntervalIsShorterThanOTLPInterval() {
        let intervals = readers("otlp,console,otlp/stdout").compactMap {
            ($0 as? PeriodicMetricReader)?.settings(EnvironmentReader([:])).interval
        }
        #expect(intervals == [.seconds(60), .seconds(10), .seconds(60)])
    }

    @Test(
        arguments: [
            (nil, .traceBased), ("", .traceBased), ("always_on", .alwaysOn), ("ALWAYS_OFF", .alwaysOff), ("trace_based", .traceBased),
            ("sometimes", .traceBased),
        ] as [(String?, ExemplarFilter)])
    func environmentSelectsTheExemplarFilter(name: String?, expected: ExemplarFilter) {
        let environment = EnvironmentReader(name.map { ["OTEL_METRICS_EXEMPLAR_FILTER": $0] } ?? [:])
        #expect(MetricsEnvironment.exemplarFilter(environment) == expected)
    }
}
