// Combines views with the instrument, before the reader's preferences apply.

/// One stream of an instrument for all readers; each reader decides nil properties.
struct StreamPlan: Sendable, Hashable {
    let name: String
    let description: String
    let aggregation: Aggregation?
    let filter: AttributeFilter?
    let cardinalityLimit: Int?
    let exemplars: ExemplarReservoirChoice?

    /// Combines views: the last one that sets a property applies, and an attribute is kept if all keep it.
    ///
    /// The instrument decides what no view sets, so without views this is the instrument's default stream. (Specification: metrics SDK,
    /// "Measurement processing".)
    ///
    /// - Parameter views: views in the order of their registration, with at most one name among them.
    init(_ views: [MetricView], for instrument: InstrumentDescriptor) {
        name = views.lazy.compactMap(\.name).last ?? instrument.name
        description = views.lazy.compactMap(\.description).last ?? instrument.description
        aggregation = views.lazy.compactMap(\.aggregation).last { $0.rejectionReason(for: instrument.kind) == nil }
        cardinalityLimit = views.lazy.compactMap(\.cardinalityLimit).last
        exemplars = views.lazy.compactMap(\.exemplars).last
        let selections = views.compactMap(\.attributeKeys)
        // The advisory keys are kept if no view selects keys.
        let advised = instrument.attributeKeys.map { [AttributeKeySelection.only($0)] } ?? []
        filter = AttributeFilter(selections.isEmpty ? advised : selections)
    }

    /// Returns the stream of a reader; nil if all measurements are dropped.
    ///
    /// - Parameter aggregation: the aggregation that the reader prefers, which applies if the plan has none.
    func stream(of instrument: InstrumentDescriptor, aggregation preferred: Aggregation, cardinalityLimit: Int) -> StreamConfiguration? {
        // Advisory boundaries apply unless a view sets an aggregation. (Specification: metrics SDK, "Instrument advisory parameter:
        // ExplicitBucketBoundaries".)
        let isAdvised = aggregation == nil || aggregation == .default
        guard
            let resolved = ResolvedAggregation(
                aggregation ?? preferred, for: instrument.kind, advisedBoundaries: isAdvised ? instrument.boundaries : nil)
        else { return nil }
        return StreamConfiguration(
            name: name, description: description, unit: instrument.unit, kind: instrument.kind,
            isFloatingPoint: instrument.isFloatingPoint, aggregation: resolved, filter: filter,
            cardinalityLimit: self.cardinalityLimit ?? cardinalityLimit, exemplars: Self.exemplars(exemplars, for: resolved))
    }

    /// Returns nil, for the default reservoir, if exemplars are to be aligned to buckets that do not exist.
    private static func exemplars(_ choice: ExemplarReservoirChoice?, for aggregation: ResolvedAggregation) -> ExemplarReservoirChoice? {
        guard choice == .alignedToBuckets else { return choice }
        if case .histogram = aggregation { return choice }
        return nil
    }
}
