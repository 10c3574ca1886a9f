// The rarely changed settings of metrics.

/// The settings of metrics with rarely changed defaults.
public struct MetricOptions: Sendable {
    /// How several matching views of one instrument combine.
    public var viewMatching: ViewMatchingMode
    /// The exemplar filter; nil for that of the environment, by default measurements in sampled spans.
    public var exemplarFilter: ExemplarFilter?
    /// Enables and disables meters by scope.
    public var configurator: MeterConfigurator
    /// The attributes of their context that measurements get, added with ``Context/with(attributes:)``.
    ///
    /// None by default: each value of an attribute makes series of its own. Observable instruments have no context.
    public var contextAttributes: ContextAttributeSelection

    public init(
        viewMatching: ViewMatchingMode = .independent, exemplarFilter: ExemplarFilter? = nil,
        configurator: MeterConfigurator = .enablingAll, contextAttributes: ContextAttributeSelection = .none
    ) {
        self.viewMatching = viewMatching
        self.exemplarFilter = exemplarFilter
        self.configurator = configurator
        self.contextAttributes = contextAttributes
    }
}
