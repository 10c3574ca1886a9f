// The escaping schemes that a reader may ask for.

/// How names beyond letters, digits, `_` and `:` are written. (Prometheus: "UTF-8 escaping schemes".)
public enum PrometheusEscaping: String, Sendable, Hashable, CaseIterable {
    /// As they are, in quotes.
    case allowUTF8 = "allow-utf-8"
    /// Other characters become `_`.
    case underscores
    /// `.` becomes `_dot_`, `_` becomes `__`, and other characters become `_`.
    case dots
    /// Other characters become their code points, so that the name can be told from it.
    case values
}
