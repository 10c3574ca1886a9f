// The rarely changed settings of tracing.

/// What is rarely set of traces.
public struct SpanOptions: Sendable {
    /// How much one span may hold; nil for what the environment says.
    public var limits: SpanLimits?
    /// Makes identifiers; nil for random ones.
    public var idGenerator: (any IDGenerator)?
    /// Switches tracers on and off by their scopes.
    public var configurator: TracerConfigurator
    /// Where errors go that leave the operations of spans; nil for what the environment says, by default events of their spans.
    public var exceptions: ExceptionSignal?

    public init(
        limits: SpanLimits? = nil, idGenerator: (any IDGenerator)? = nil, configurator: TracerConfigurator = .enablingAll,
        exceptions: ExceptionSignal? = nil
    ) {
        self.limits = limits
        self.idGenerator = idGenerator
        self.configurator = configurator
        self.exceptions = exceptions
    }
}
