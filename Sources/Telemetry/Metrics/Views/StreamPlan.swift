// What views and the instrument say about a stream, before a reader has its say.

/// What is said about one stream of an instrument for all readers; what is nil each reader decides.
struct StreamPlan: Sendable, Hashable {
    let name: String
    let description: String
    let aggregation: Aggregation?
    let filter: AttributeFilter?
    let cardinalityLimit: Int?
    let exemplars: ExemplarReservoirChoice?

    /// Puts views together: the last one that says something about a matter counts, and an attribute is kept when all keep it.
    ///
    /// Where no view says a thing, the instrument does: so without views it is the stream that an instrument has by itself.
    /// (Specification: metrics SDK, "Measurement processing".)
    ///
    /// - Parameter views: in the order of their registration, with at most one name among them.
    init(_ views: [MetricView], for instrument: InstrumentDescriptor) {
        name = views.lazy.compactMap(\.name).last ?? instrument.name
        description = views.lazy.compactMap(\.description).last ?? instrument.description
        aggregation = views.lazy.compactMap(\.aggregation).last { $0.misfit(with: instrument.kind) == nil }
        cardinalityLimit = views.lazy.compactMap(\.cardinalityLimit).last
        exemplars = views.lazy.compactMap(\.exemplars).last
        let selections = views.compactMap(\.attributeKeys)
        // What the instrument advises is the list of what is kept, where no view names keys.
        let advised = instrument.attributeKeys.map { [AttributeKeySelection.only($0)] } ?? []
        filter = AttributeFilter(selections.isEmpty ? advised : selections)
    }

    /// The stream that a reader has by this plan; nil when nothing is kept.
    ///
    /// - Parameter aggregation: what the reader wants, where the plan leaves it open.
    func stream(of instrument: InstrumentDescriptor, aggregation wanted: Aggregation, cardinalityLimit: Int) -> StreamConfiguration? {
        // Advised boundaries count unless a view names an aggregation. (Specification: metrics SDK, "Instrument advisory parameter:
        // ExplicitBucketBoundaries".)
        let isAdvised = aggregation == nil || aggregation == .default
        guard
            let resolved = ResolvedAggregation(
                aggregation ?? wanted, for: instrument.kind, advisedBoundaries: isAdvised ? instrument.boundaries : nil)
        else { return nil }
        return StreamConfiguration(
            name: name, description: description, unit: instrument.unit, kind: instrument.kind,
            isFloatingPoint: instrument.isFloatingPoint, aggregation: resolved, filter: filter,
            cardinalityLimit: self.cardinalityLimit ?? cardinalityLimit, exemplars: Self.exemplars(exemplars, for: resolved))
    }

    /// Without explicit buckets there is nothing to align exemplars to: the default reservoir it is then.
    private static func exemplars(_ choice: ExemplarReservoirChoice?, for aggregation: ResolvedAggregation) -> ExemplarReservoirChoice? {
        guard choice == .alignedToBuckets else { return choice }
        if case .histogram = aggregation { return choice }
        return nil
    }
}
