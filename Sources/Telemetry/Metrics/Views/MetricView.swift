// Changes metrics without a change of the code that records them.

/// Changes the name, attributes or aggregation of the metrics of selected instruments.
///
/// ```swift
/// MetricView(of: "http.server.request.duration", attributeKeys: .only(["http.route"]))
/// MetricView(of: .instruments("requests", meter: "shop"), name: "shop.requests")
/// MetricView(of: .instruments(kind: .histogram), aggregation: .exponentialHistogram())
/// MetricView(of: .all, aggregation: .drop)
/// ```
///
/// Whatever a view does not set, the instrument and the reader decide. Each view that selects an instrument makes a metric of its own,
/// unless views are ``ViewMatchingMode/composable``. (Specification: metrics SDK, "View".)
public struct MetricView: Sendable {
    let instruments: InstrumentSelector
    let name: String?
    let description: String?
    let attributeKeys: AttributeKeySelection?
    let aggregation: Aggregation?
    let cardinalityLimit: Int?
    let exemplars: ExemplarReservoirChoice?

    /// Creates a view of the selected instruments.
    ///
    /// A nil parameter leaves the decision to the instrument and the reader.
    ///
    /// - Parameters:
    ///   - name: the name of the metric, which need not follow the syntax of instrument names. The selector must then be one full name:
    ///     with wildcards, several metrics would have the same name.
    ///   - attributeKeys: the attributes that identify series. Attributes that are taken away may still turn up on exemplars, as their
    ///     filtered attributes. If they must not, for example because they are personal data, switch exemplars off with the exemplar filter
    ///     `alwaysOff`, or select in a custom reservoir what may become an exemplar.
    ///   - aggregation: the aggregation; `.default` is that of the instrument kind, whatever the reader prefers. Explicit buckets override
    ///     advisory boundaries, even if they name none. An aggregation that does not fit an instrument is reported, and the view is ignored
    ///     for it.
    ///   - cardinalityLimit: the largest number of series, counted after attributes are removed.
    ///   - exemplars: the reservoir of each series.
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
