// The description of a metric, which its series share.

/// One metric as its senders describe it; the last description counts.
struct MetricFamily: Sendable {
    enum Kind: String, Sendable {
        case gauge, sum, histogram, exponentialHistogram, summary
        /// A scraped metric without a type.
        case unknown
    }

    /// The name that its sender gave it; the Prometheus name for scraped ones.
    var name: String
    /// The Prometheus name, without suffixes such as `_bucket`.
    let prometheusName: String
    let kind: Kind
    var isMonotonic: Bool
    /// `cumulative`, `delta`, or empty where there is none.
    var temporality = ""
    var unit = ""
    var description = ""
    var exemplars = 0

    /// The type as Prometheus names it.
    var prometheusType: String {
        switch kind {
        case .gauge: "gauge"
        case .sum: isMonotonic ? "counter" : "gauge"
        case .histogram, .exponentialHistogram: "histogram"
        case .summary: "summary"
        case .unknown: "unknown"
        }
    }

    var byteCount: Int { 256 + name.utf8.count + prometheusName.utf8.count + unit.utf8.count + description.utf8.count }
}
