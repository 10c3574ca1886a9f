// Content negotiation for scrapes.

/// Selects the format and compression of a page by the headers of the request. (Prometheus: content negotiation; RFC 9110 §12.5.1.)
enum PrometheusNegotiation {
    /// Returns the supported format with the highest weight.
    ///
    /// No byte of the header is copied to the response: the header only selects among fixed formats.
    ///
    /// - Parameter fallback: the format if the header is missing or names no supported format.
    static func format(accept: String?, fallback: PrometheusFormat) -> PrometheusFormat {
        guard let accept else { return fallback }
        let ranges = AcceptedRange.parse(accept)
        let refused = Set(ranges.filter { $0.weight == 0 }.compactMap { format(of: $0)?.syntax })
        var best: (range: AcceptedRange, format: PrometheusFormat)?
        for range in ranges where range.weight > 0 {
            guard let format = format(of: range) ?? substitute(for: range, refused: refused, fallback: fallback) else { continue }
            if let best, (best.range.weight, best.range.isExact ? 1 : 0) >= (range.weight, range.isExact ? 1 : 0) { continue }
            best = (range, format)
        }
        return best?.format ?? fallback
    }

    /// Returns whether the header accepts gzip.
    static func acceptsGzip(_ acceptEncoding: String?) -> Bool {
        guard let acceptEncoding else { return false }
        return AcceptedRange.parse(acceptEncoding).contains { $0.weight > 0 && ($0.name == "gzip" || $0.name == "x-gzip") }
    }

    /// Returns the format for a range without wildcards; nil if it is not supported.
    private static func format(of range: AcceptedRange) -> PrometheusFormat? {
        let escaping = range.parameters["escaping"].flatMap(PrometheusEscaping.init(rawValue:)) ?? .underscores
        let version = range.parameters["version"]
        switch (range.name, version) {
        case ("text/plain", nil), ("text/plain", "0.0.4"): return .text
        case ("text/plain", "1.0.0"): return PrometheusFormat(.text100, escaping: escaping)
        case ("application/openmetrics-text", "0.0.1"): return PrometheusFormat(.openMetrics001)
        case ("application/openmetrics-text", nil), ("application/openmetrics-text", "1.0.0"):
            return PrometheusFormat(.openMetrics100, escaping: escaping)
        case ("application/openmetrics-text", "2.0.0"): return PrometheusFormat(.openMetrics200, escaping: escaping)
        case ("application/vnd.google.protobuf", _):
            let isOurs = range.parameters["proto"] == "io.prometheus.client.metricfamily" && range.parameters["encoding"] == "delimited"
            return isOurs ? PrometheusFormat(.protobuf, escaping: escaping) : nil
        default: return nil
        }
    }

    /// Returns the format for a range with wildcards: the fallback if it matches, else the first that is not refused.
    private static func substitute(
        for range: AcceptedRange, refused: Set<PrometheusFormat.Syntax>, fallback: PrometheusFormat
    ) -> PrometheusFormat? {
        let candidates = [fallback, .text, .openMetrics, .protobuf].filter { !refused.contains($0.syntax) }
        switch range.name {
        case "*/*": return candidates.first
        case "text/*": return candidates.first { $0.dialect == .text }
        case "application/*": return candidates.first { $0.dialect != .text }
        default: return nil
        }
    }
}
