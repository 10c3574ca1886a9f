// The rarely changed settings of metrics.

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
