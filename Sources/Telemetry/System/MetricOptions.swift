// The rarely changed settings of metrics.

/// The settings of metrics with rarely changed defaults.
public struct MetricOptions: Sendable {
    /// How several matching views of one instrument combine.
    public var viewMatching: ViewMatchingMode
    /// The exemplar filter; nil for that of the environment, by default measurements in sampled spans.
    public var exemplarFilter: ExemplarFilter?
    /// Enables and disables meters by scope.
    public var configurator: MeterConfigurator

    public init(
        viewMatching: ViewMatchingMode = .independent, exemplarFilter: ExemplarFilter? = nil, configurator: MeterConfigurator = .enablingAll
    ) {
        self.viewMatching = viewMatching
        self.exemplarFilter = exemplarFilter
        self.configurator = configurator
    }
}
