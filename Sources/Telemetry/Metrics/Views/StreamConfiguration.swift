// The final configuration of one stream for one reader.

/// How one stream of an instrument is kept and exported, with every choice made. (Specification: metrics SDK, "Stream configuration".)
struct StreamConfiguration: Sendable, Hashable {
    let name: String
    let description: String
    let unit: String
    /// Of the instrument.
    let kind: InstrumentKind
    let isFloatingPoint: Bool
    let aggregation: ResolvedAggregation
    /// Nil keeps all attributes.
    let filter: AttributeFilter?
    let cardinalityLimit: Int
    /// Nil for the reservoir that the aggregation has by default.
    let exemplars: ExemplarReservoirChoice?

    /// Whether two readers that have this stream and the other one may count on the same values.
    ///
    /// Only streams of one instrument and of readers with the same temporality are asked about. Every field has to agree, the
    /// reservoirs of views included, which are the same when they come from the same view.
    func canShareStore(with other: StreamConfiguration) -> Bool { self == other }

    /// Says that there are more series than the limit allows.
    func reportCardinalityOverflow() {
        Diagnostics.report(
            .warning, topic: "metrics.cardinality.\(name)",
            "The metric \"\(name)\" has more than \(cardinalityLimit) series: what comes beyond is told of together, with the attribute"
                + " otel.metric.overflow. Use attributes with fewer values, keep fewer of them with a view, or raise the limit.")
    }
}

extension StreamConfiguration {
    /// Whether somebody else keeps the exemplars.
    var makesReservoirs: Bool { if case .custom = exemplars?.kind { true } else { false } }

    /// A reservoir for one series, where somebody else keeps the exemplars.
    func makeReservoir() -> (any ExemplarReservoir)? {
        if case .custom(let maker) = exemplars?.kind { maker.make() } else { nil }
    }
}
