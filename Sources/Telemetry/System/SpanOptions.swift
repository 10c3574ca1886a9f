// The rarely changed settings of tracing.

/// The settings of tracing with rarely changed defaults.
public struct SpanOptions: Sendable {
    /// The limits of a span; nil for those of the environment.
    public var limits: SpanLimits?
    /// The generator of identifiers; nil for random ones.
    public var idGenerator: (any IDGenerator)?
    /// Enables and disables tracers by scope.
    public var configurator: TracerConfigurator
    /// The signal for errors thrown in spans; nil for that of the environment, by default span events.
    public var exceptions: ExceptionSignal?
    /// The attributes of their context that spans get, added with ``Context/with(attributes:)``.
    public var contextAttributes: ContextAttributeSelection

    public init(
        limits: SpanLimits? = nil, idGenerator: (any IDGenerator)? = nil, configurator: TracerConfigurator = .enablingAll,
        exceptions: ExceptionSignal? = nil, contextAttributes: ContextAttributeSelection = .all
    ) {
        self.limits = limits
        self.idGenerator = idGenerator
        self.configurator = configurator
        self.exceptions = exceptions
        self.contextAttributes = contextAttributes
    }
}
