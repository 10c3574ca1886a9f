// The escaping schemes that a reader may ask for.

/// The scheme for characters in names other than letters, digits, `_` and `:`. (Prometheus: "UTF-8 escaping schemes".)
public enum PrometheusEscaping: String, Sendable, Hashable, CaseIterable {
    /// Names stay as they are, in quotes.
    case allowUTF8 = "allow-utf-8"
    /// Other characters become `_`.
    case underscores
    /// `.` becomes `_dot_`, `_` becomes `__`, and other characters become `_`.
    case dots
    /// Other characters become their code points, so that the original name can be restored.
    case values
}
