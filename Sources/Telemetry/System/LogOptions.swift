// The rarely changed settings of logs.

/// The settings of logging with rarely changed defaults.
public struct LogOptions: Sendable {
    /// The limits of a log record; nil for those of the environment.
    public var limits: LogRecordLimits?
    /// Sets the minimum severity and filters of loggers by scope.
    public var configurator: LoggerConfigurator
    /// The attributes of their context that log records get, added with ``Context/with(attributes:)``.
    public var contextAttributes: ContextAttributeSelection

    public init(
        limits: LogRecordLimits? = nil, configurator: LoggerConfigurator = .enablingAll,
        contextAttributes: ContextAttributeSelection = .all
    ) {
        self.limits = limits
        self.configurator = configurator
        self.contextAttributes = contextAttributes
    }
}
