// The settings of a reader that the provider obeys when it makes streams.

/// What a reader wants of the metrics that it collects.
public struct MetricReaderOptions: Sendable {
    /// Whether sums tell what happened since the beginning, or since the last collection.
    public var temporality: TemporalityPreference
    /// Aggregations for kinds of instruments where no view says another; for others the ones of the specification.
    public var aggregations: [InstrumentKind: Aggregation]
    /// How many series a metric may have, by kind, where no view says another number; 2000 for kinds that are not named.
    ///
    /// One more series takes what comes beyond. (Specification: metrics SDK, "Cardinality limits".)
    public var cardinalityLimits: [InstrumentKind: Int]
    /// Metrics of other origin, collected together with the own ones.
    public var producers: [any MetricProducer]
    /// Leaves out metrics and series; by default none.
    public var filter: (any MetricFilter)?

    public init(
        temporality: TemporalityPreference = .cumulative, aggregations: [InstrumentKind: Aggregation] = [:],
        cardinalityLimits: [InstrumentKind: Int] = [:], producers: [any MetricProducer] = [], filter: (any MetricFilter)? = nil
    ) {
        self.temporality = temporality
        self.aggregations = aggregations
        self.cardinalityLimits = cardinalityLimits
        self.producers = producers
        self.filter = filter
    }
}
