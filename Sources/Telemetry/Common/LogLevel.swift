// `OTEL_LOG_LEVEL`, the minimum severity of the SDK's own messages.

/// The value of `OTEL_LOG_LEVEL`. The specification does not list its values: these are the usual ones.
struct LogLevel: Equatable {
    /// Nil stands for `none`: nothing is reported.
    let minimumSeverity: Diagnostic.Severity?

    /// Returns nil if the variable is unset or invalid.
    init?(_ environment: EnvironmentReader) {
        guard let name = environment.text("OTEL_LOG_LEVEL") else { return nil }
        switch name.lowercased() {
        case "none", "off": minimumSeverity = nil
        case "error", "fatal": minimumSeverity = .error
        case "warn", "warning": minimumSeverity = .warning
        case "info": minimumSeverity = .info
        case "debug", "trace", "all": minimumSeverity = .debug
        default:
            environment.report("OTEL_LOG_LEVEL", name, expected: "none, error, warn, info or debug", used: "info is used")
            return nil
        }
    }
}

extension Diagnostics {
    /// Sets the severity that the environment names, unless the program has chosen one.
    static func setMinimumSeverity(_ environment: EnvironmentReader) {
        guard let level = LogLevel(environment) else { return }
        setDefaultMinimumSeverity(level.minimumSeverity)
    }
}
