// The types of families, in the words of Prometheus.

/// What a family of samples is. (Specification: Prometheus compatibility, "OTLP Metric points to Prometheus".)
enum PrometheusFamilyType: Sendable, Hashable {
    case counter
    case gauge
    case histogram
    case summary
    case unknown
    case info
}
