// The metric types of Prometheus and OpenMetrics.

/// The type of a family. (Specification: Prometheus compatibility, "OTLP Metric points to Prometheus".)
package enum PrometheusFamilyType: Sendable, Hashable {
    case counter
    case gauge
    case histogram
    case summary
    case unknown
    case info
}
