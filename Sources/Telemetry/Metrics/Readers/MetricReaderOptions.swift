// How a provider makes the streams of one reader.

/// The settings of a reader that determine its streams.
public struct MetricReaderOptions: Sendable {
    /// The temporality by instrument kind.
    public var temporality: TemporalityPreference
    /// The aggregations by instrument kind if no view sets one.
    ///
    /// Kinds that are not named have the specification's defaults.
    public var aggregations: [InstrumentKind: Aggregation]
    /// The cardinality limits by instrument kind if no view sets one; 2000 for kinds that are not named.
    ///
    /// The overflow series takes the measurements beyond the limit. (Specification: metrics SDK, "Cardinality limits".)
    public var cardinalityLimits: [InstrumentKind: Int]
    /// Producers whose metrics are collected with those of the SDK.
    public var producers: [any MetricProducer]
    /// A filter of metrics and series; by default none.
    public var filter: (any MetricFilter)?
    /// Whether points without new measurements may keep the time of an earlier collection.
    var keepsPoints = false

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

    /// Whether a collection calls no code of the host but callbacks.
    var hasOnlyInstruments: Bool { producers.isEmpty && filter == nil }
}
