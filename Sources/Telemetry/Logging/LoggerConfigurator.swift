// The configuration of loggers by scope.

/// Which records a logger admits. (Specification: logs SDK, "LoggerConfig", in development.)
public struct LoggerConfiguration: ScopeConfiguration {
    /// A logger that is not enabled records nothing.
    public var isEnabled = true
    /// Records below it are dropped; those of unspecified severity pass.
    public var minimumSeverity = LogSeverity.unspecified
    /// Whether records of unsampled spans are dropped; those of no span pass.
    public var isTraceBased = false

    public init() {}

    public init(isEnabled: Bool = true, minimumSeverity: LogSeverity = .unspecified, isTraceBased: Bool = false) {
        self.isEnabled = isEnabled
        self.minimumSeverity = minimumSeverity
        self.isTraceBased = isTraceBased
    }
}

/// Returns the configuration of each logger: called when a logger is made, and again for all when it is replaced.
///
/// Give it to `TelemetrySystem.start`, and replace it while the program runs with `updateLoggerConfigurator`. (Specification:
/// logs SDK, "LoggerConfigurator", in development.)
public typealias LoggerConfigurator = ScopeConfigurator<LoggerConfiguration>

extension ScopeConfigurator where Configuration == LoggerConfiguration {
    /// Drops records below a severity: in all scopes, or in those with one of the names, in which `*` stands for any characters and `?`
    /// for one.
    public static func minimumSeverity(_ severity: LogSeverity, for names: String...) -> Self {
        let patterns = names.map { NamePattern($0) }
        return Self { scope in
            guard patterns.isEmpty || patterns.contains(where: { $0.matches(scope.name) }) else { return nil }
            return LoggerConfiguration(minimumSeverity: severity)
        }
    }

    /// Drops records of unsampled spans, in all scopes.
    public static var traceBased: Self { Self { _ in LoggerConfiguration(isTraceBased: true) } }
}
