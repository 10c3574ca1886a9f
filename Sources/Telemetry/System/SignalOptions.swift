// What is rarely set of each signal when telemetry starts.

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

/// What is rarely set of metrics.
public struct MetricOptions: Sendable {
    /// What several views for one instrument make of it.
    public var viewMatching: ViewMatchingMode
    /// Which measurements may be kept as examples; nil for what the environment says, by default those in sampled spans.
    public var exemplarFilter: ExemplarFilter?
    /// Switches meters on and off by their scopes.
    public var configurator: MeterConfigurator

    public init(
        viewMatching: ViewMatchingMode = .independent, exemplarFilter: ExemplarFilter? = nil, configurator: MeterConfigurator = .enablingAll
    ) {
        self.viewMatching = viewMatching
        self.exemplarFilter = exemplarFilter
        self.configurator = configurator
    }
}

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
