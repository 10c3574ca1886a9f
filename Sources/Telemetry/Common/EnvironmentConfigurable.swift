// The protocol of all that reads the environment when telemetry starts.

/// An exporter, processor or metric reader that takes settings from the environment variables where code leaves them open.
///
/// ``TelemetrySystem`` configures those that it is started with, and processors and readers their exporters. One that wraps another hands the
/// call on: `try (next as? any EnvironmentConfigurable)?.configure(environment)`.
public protocol EnvironmentConfigurable: Sendable {
    /// Takes settings from the environment; called when telemetry starts, before anything is recorded, unless telemetry is disabled.
    ///
    /// Code takes precedence over the environment. An object that is given to two processors is configured twice; what it keeps stands
    /// behind a lock.
    ///
    /// - Throws: if a setting cannot be used. The start of telemetry throws the error. A variable that does not parse should be reported
    ///   instead, and its default used, which the methods of the reader do. (Specification: configuration, "Common".)
    func configure(_ environment: EnvironmentReader) throws(ConfigurationError)
}

extension Sequence where Element: Sendable {
    /// Checks the settings of those elements that have some, and configures those that read the environment.
    func configure(_ environment: EnvironmentReader) throws(ConfigurationError) {
        for element in self {
            if let problem = (element as? any CheckedSettings)?.problem { throw problem }
            try (element as? any EnvironmentConfigurable)?.configure(environment)
        }
    }
}
