// Groups the syntaxes that one writer renders.

/// The syntaxes that share a writer and the cached beginnings of lines.
enum PrometheusDialect: Sendable, Hashable {
    case text
    case openMetrics
    case protobuf

    var hasExemplars: Bool { self != .text }

    /// Returns the word after `# TYPE`; info and state sets exist only in OpenMetrics.
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
