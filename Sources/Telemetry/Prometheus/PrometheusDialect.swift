// Groups the syntaxes that one writer renders.

/// The syntaxes that share a writer and the cached beginnings of lines.
enum PrometheusDialect: Sendable, Hashable {
    case text
    case openMetrics
    case openMetrics2
    case protobuf

    var hasExemplars: Bool { self != .text }

    /// Whether it is one of the versions of OpenMetrics.
    var isOpenMetrics: Bool { self == .openMetrics || self == .openMetrics2 }

    /// Returns the word after `# TYPE`; info and state sets exist only in OpenMetrics.
    func word(for type: PrometheusFamilyType) -> String {
        switch (type, self) {
        case (.counter, _): "counter"
        case (.gauge, _): "gauge"
        case (.histogram, _): "histogram"
        case (.summary, _): "summary"
        case (.unknown, .openMetrics), (.unknown, .openMetrics2): "unknown"
        case (.unknown, _): "untyped"
        case (.info, .openMetrics), (.info, .openMetrics2): "info"
        case (.info, _): "gauge"
        }
    }
}
