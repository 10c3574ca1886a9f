// The setting for how OpenTelemetry names are translated.

/// The translation of metric and attribute names to Prometheus. (Specification: Prometheus exporter, "Translation Strategy".)
public enum PrometheusTranslationStrategy: Sendable, Hashable, CaseIterable {
    /// `foo.bar` in bytes becomes `foo_bar_bytes_total`.
    case underscoreEscapingWithSuffixes
    /// `foo.bar` becomes `foo_bar`.
    case underscoreEscapingWithoutSuffixes
    /// `foo.bar` in bytes becomes `foo.bar_bytes_total` for readers of any name, otherwise `foo_bar_bytes_total`.
    case noUTF8EscapingWithSuffixes
    /// `foo.bar` stays `foo.bar` for readers of any name, otherwise it becomes `foo_bar`.
    case noTranslation

    var sanitises: Bool { self == .underscoreEscapingWithSuffixes || self == .underscoreEscapingWithoutSuffixes }
    var addsSuffixes: Bool { self == .underscoreEscapingWithSuffixes || self == .noUTF8EscapingWithSuffixes }
}
