// The setting for resource attributes on samples.

/// Selects the resource attributes that every sample has as labels. (Specification: Prometheus exporter, "Resource Attributes as Metric Labels".)
public struct PrometheusResourceLabels: Sendable, Hashable {
    private let included: [NamePattern]
    private let excluded: [NamePattern]

    /// Selects no attribute; all are labels of `target_info`.
    public static let none = PrometheusResourceLabels(included: [], excluded: [])

    /// Selects attributes whose keys match one of the patterns and none of the excluded ones; `*` and `?` are wildcards.
    public static func matching(_ patterns: [String] = ["*"], excluding excluded: [String] = []) -> PrometheusResourceLabels {
        PrometheusResourceLabels(included: patterns.map { NamePattern($0) }, excluded: excluded.map { NamePattern($0) })
    }

    func contains(_ key: String) -> Bool {
        included.contains { $0.matches(key) } && !excluded.contains { $0.matches(key) }
    }
}
