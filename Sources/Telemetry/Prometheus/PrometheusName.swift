// Builds the names of families and samples from the name, unit and type of a metric.

/// The name of a family in its comments, and the name of its samples.
package struct PrometheusName: Hashable {
    /// The name after `# TYPE`, without suffixes such as `_bucket`.
    package let family: String
    /// The name of samples without a further suffix.
    package let sample: String
    /// The unit with which the name ends; empty if it ends with none.
    package let unit: String
    /// The type, which is `unknown` for counters without `_total` in OpenMetrics.
    package let type: PrometheusFamilyType

    /// Translates a name by the strategy, then escapes it for the format.
    ///
    /// Returns nil if nothing of the name is left. (Specification: Prometheus exporter, "Interaction with Translation Strategy".)
    package init?(
        _ name: String, unit: String, type: PrometheusFamilyType, strategy: PrometheusTranslationStrategy, format: PrometheusFormat
    ) {
        let word = PrometheusUnit.word(for: unit)
        var full = strategy.sanitises ? PrometheusText.metricName(name) : name
        guard !full.isEmpty else { return nil }
        if strategy.addsSuffixes {
            if type == .counter { full = PrometheusText.removing("_total", from: full) ?? full }
            let endsWithUnit = full == word || PrometheusText.ends(full, with: "_" + word) || PrometheusText.ends(full, with: "." + word)
            if !word.isEmpty && !endsWithUnit { full = PrometheusText.joined(full, word) }
            if type == .counter { full = PrometheusText.joined(full, "total") }
        }
        if type == .info && !PrometheusText.ends(full, with: "_info") { full = PrometheusText.joined(full, "info") }
        full = PrometheusText.escaped(full, format.escaping, allowsColon: true)
        var (family, actualType) = (full, type)
        if format.dialect == .openMetrics && (type == .counter || type == .info) {
            if let base = PrometheusText.removing(type == .counter ? "_total" : "_info", from: full) {
                family = base
            } else {
                actualType = .unknown
            }
        }
        self.family = family
        sample = full
        self.type = actualType
        let base = type == .counter ? PrometheusText.removing("_total", from: full) ?? full : family
        self.unit = !word.isEmpty && PrometheusText.ends(base, with: "_" + word) ? word : ""
    }

    /// Returns all names that the family uses in a page, none of which another family may use.
    func claims(_ dialect: PrometheusDialect) -> [String] {
        let suffixes: [String]
        switch type {
        case .counter: suffixes = dialect == .openMetrics ? ["_total", "_created"] : []
        case .info: suffixes = dialect == .openMetrics ? ["_info"] : []
        case .histogram: suffixes = dialect == .openMetrics ? ["_bucket", "_sum", "_count", "_created"] : ["_bucket", "_sum", "_count"]
        case .summary: suffixes = dialect == .openMetrics ? ["_sum", "_count", "_created"] : ["_sum", "_count"]
        case .gauge, .unknown: suffixes = []
        }
        return [family] + suffixes.map { family + $0 }
    }
}
