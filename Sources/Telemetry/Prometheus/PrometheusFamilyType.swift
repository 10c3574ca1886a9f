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

extension PrometheusFamilyType {
    /// Returns whether a value is allowed: counters are not negative and no NaN, info metrics are 1. Readers reject pages with other values.
    @inline(__always)
    func accepts(_ value: MetricNumber) -> Bool {
        switch self {
        case .counter:
            switch value {
            case .int(let number): number >= 0
            case .double(let number): number >= 0
            }
        case .info: value.doubleValue == 1
        default: true
        }
    }
}
