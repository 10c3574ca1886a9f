// What a store needs to know to aggregate and export one stream.

/// The configuration of one stream of an instrument for one reader.
///
/// (Specification: metrics SDK, "Stream configuration".)
struct StreamConfiguration: Sendable, Hashable {
    let name: String
    let description: String
    let unit: String
    /// The kind of the instrument.
    let kind: InstrumentKind
    let isFloatingPoint: Bool
    let aggregation: ResolvedAggregation
    /// Nil keeps all attributes.
    let filter: AttributeFilter?
    let cardinalityLimit: Int
    /// Nil for the default reservoir of the aggregation.
    let exemplars: ExemplarReservoirChoice?

    /// Reports whether two readers with these streams can share a store.
    ///
    /// It is called for streams of one instrument and readers of equal temporality. All fields must be equal, including custom reservoirs,
    /// which are equal if they come from the same view.
    func canShareStore(with other: StreamConfiguration) -> Bool { self == other }

    /// Reports that measurements exceed the cardinality limit.
    func reportCardinalityOverflow() {
        Diagnostics.report(
            .warning, topic: "metrics.cardinality.\(name)",
            "The metric \"\(name)\" has more than \(cardinalityLimit) series: what comes beyond is told of together, with the attribute"
                + " otel.metric.overflow. Use attributes with fewer values, keep fewer of them with a view, or raise the limit.")
    }
}

extension StreamConfiguration {
    /// Whether a custom reservoir keeps the exemplars.
    var usesCustomReservoir: Bool { if case .custom = exemplars?.kind { true } else { false } }

    /// Makes the custom reservoir of one series; nil if the store keeps the exemplars itself.
    func makeReservoir() -> (any ExemplarReservoir)? {
        if case .custom(let maker) = exemplars?.kind { maker.make() } else { nil }
    }
}
