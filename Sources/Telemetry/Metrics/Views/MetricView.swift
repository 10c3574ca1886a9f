// Views: changes of metrics that need no change of the code that records them.

/// Says something else about the metrics of some instruments: their name, their attributes, how they are aggregated.
///
/// ```swift
/// View(of: "http.server.request.duration", attributeKeys: .only(["http.route"]))
/// View(of: .instruments("requests", meter: "shop"), name: "shop.requests")
/// View(of: .instruments(kind: .histogram), aggregation: .exponentialHistogram())
/// View(of: .all, aggregation: .drop)
/// ```
///
/// What a view leaves out stays as the instrument and the reader say. Each view that selects an instrument makes a metric of its own
/// from it, unless views are ``ViewMatchingMode/composable``. (Specification: metrics SDK, "View".)
public struct MetricView: Sendable {
    let instruments: InstrumentSelector
    let name: String?
    let description: String?
    let attributeKeys: AttributeKeySelection?
    let aggregation: Aggregation?
    let cardinalityLimit: Int?
    let exemplars: ExemplarReservoirChoice?

    /// A view of the instruments that the selector finds; nil leaves a matter to the instrument and to the reader.
    ///
    /// - Parameters:
    ///   - name: what the metric is called instead. It need not follow the rules for names of instruments. The view must then select by
    ///     one whole name: with wildcards, several metrics would come to have the same name.
    ///   - attributeKeys: which attributes tell series apart. Attributes that are taken away may still turn up on exemplars, as their
    ///     filtered attributes. Where that must not be, for example because they tell of persons, switch exemplars off with the
    ///     exemplar filter `alwaysOff`, or choose in a custom reservoir what may become an exemplar.
    ///   - aggregation: `.default` stands for what the kind of the instrument asks for, whatever the reader says. Explicit buckets
    ///     named here, even without boundaries, count for more than the boundaries that the instrument advises. One that makes no
    ///     sense for an instrument is reported, and the view does not count for it.
    ///   - cardinalityLimit: how many series the metric may have; attributes are taken away before they are counted.
    ///   - exemplars: where the exemplars of each series are kept.
    public init(
        of instruments: InstrumentSelector, name: String? = nil, description: String? = nil, attributeKeys: AttributeKeySelection? = nil,
        aggregation: Aggregation? = nil, cardinalityLimit: Int? = nil, exemplars: ExemplarReservoirChoice? = nil
    ) {
        self.instruments = instruments
        self.name = name
        self.description = description
        self.attributeKeys = attributeKeys
        self.aggregation = aggregation
        self.cardinalityLimit = cardinalityLimit
        self.exemplars = exemplars
    }
}
