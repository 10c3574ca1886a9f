// Names as Prometheus wants them: sanitised, with suffixes, and escaped as the reader asks for.

/// The names of one family: that of its comments, and that of its samples.
struct PrometheusName: Hashable {
    /// What `# TYPE` names, before `_bucket` and the like.
    let family: String
    /// What plain samples are called.
    let sample: String
    /// The word that the name ends with; empty when it does not.
    let unit: String
    /// OpenMetrics has no counter whose samples do not end in `_total`.
    let type: PrometheusFamilyType

    /// The names of a metric in a format: first by the strategy, then by the escaping scheme of the format.
    ///
    /// Nil when nothing of the name is left. (Specification: Prometheus exporter, "Interaction with Translation Strategy".)
    init?(
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

    /// All names that stand for something of the family in a page: no other family may have one of them.
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
