// What the syntaxes of a writer have in common.

/// The syntaxes that share their writer and what is remembered of a series.
enum PrometheusDialect: Sendable, Hashable {
    case text
    case openMetrics
    case protobuf

    var hasExemplars: Bool { self != .text }

    /// The word after `# TYPE`; info and state sets exist in OpenMetrics only.
    func word(for type: PrometheusFamilyType) -> String {
        switch (type, self) {
        case (.counter, _): "counter"
        case (.gauge, _): "gauge"
        case (.histogram, _): "histogram"
        case (.summary, _): "summary"
        case (.unknown, .openMetrics): "unknown"
        case (.unknown, _): "untyped"
        case (.info, .openMetrics): "info"
        case (.info, _): "gauge"
        }
    }
}
