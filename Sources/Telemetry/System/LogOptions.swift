// The rarely changed settings of logs.

/// What is rarely set of logs.
public struct LogOptions: Sendable {
    /// How much one log record may hold; nil for what the environment says.
    public var limits: LogRecordLimits?
    /// Says what is let pass by the loggers of each scope.
    public var configurator: LoggerConfigurator

    public init(limits: LogRecordLimits? = nil, configurator: LoggerConfigurator = .enablingAll) {
        self.limits = limits
        self.configurator = configurator
    }
}
