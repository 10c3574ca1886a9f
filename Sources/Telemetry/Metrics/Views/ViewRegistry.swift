// The views of a provider: which streams an instrument has for each reader.

/// The views of a provider, in order, and what they make of an instrument.
///
/// (Specification: metrics SDK, "Measurement processing".)
struct ViewRegistry: Sendable {
    /// How many series a stream may have when neither a view nor the reader says. (Specification: metrics SDK, "Cardinality limits".)
    static let defaultCardinalityLimit = 2000

    private let views: [MetricView]
    private let mode: ViewMatchingMode

    init(_ views: [MetricView], mode: ViewMatchingMode = .independent) throws(ConfigurationError) {
        for view in views {
            if let problem = view.problem { throw problem }
        }
        self.views = views
        self.mode = mode
    }

    /// No views at all.
    static let none = ViewRegistry()

    private init() {
        views = []
        mode = .independent
    }

    /// What is said of each stream of an instrument, whatever the reader; streams that views drop are left out.
    ///
    /// - Returns: with the plans, a warning for each aggregation that makes no sense for the instrument.
    func plans(for instrument: InstrumentDescriptor, scope: InstrumentationScope) -> (plans: [StreamPlan], warnings: [String]) {
        let matching = groups(of: views.filter { $0.instruments.selects(instrument, of: scope) })
        var (usable, warnings): ([[MetricView]], [String]) = ([], [])
        for group in matching {
            let misfits = misfits(in: group, with: instrument, scope)
            warnings += misfits.filter { !warnings.contains($0) }
            // A view on its own then counts as if it did not exist; of several, another one's aggregation counts.
            if misfits.isEmpty || mode == .composable { usable.append(group) }
        }
        // An instrument that no view is for is what it is by itself.
        if usable.isEmpty { usable = [[]] }
        return (usable.map { StreamPlan($0, for: instrument) }.filter { $0.aggregation != .drop }, warnings)
    }

    /// The streams that a reader has of an instrument, none when all is dropped, and what is to be told about views that do not fit.
    ///
    /// A view says more than the advice of the instrument, and that more than the reader.
    func streams(for instrument: InstrumentDescriptor, scope: InstrumentationScope, options: MetricReaderOptions)
        -> (streams: [StreamConfiguration], warnings: [String])
    {
        let kind = instrument.kind
        var (plans, warnings) = plans(for: instrument, scope: scope)
        var wanted = options.aggregations[kind] ?? .default
        if let reason = wanted.misfit(with: kind) {
            warnings.append(
                """
                A reader wants the aggregation \(wanted.name) for \(kind.nounWithArticle), but \(reason). \
                It gets the default one; name another aggregation for this kind.
                """)
            wanted = .default
        }
        let limit = options.cardinalityLimits[kind] ?? Self.defaultCardinalityLimit
        return (plans.compactMap { $0.stream(of: instrument, aggregation: wanted, cardinalityLimit: limit) }, warnings)
    }

    /// The views that make each stream, in their order.
    private func groups(of matching: [MetricView]) -> [[MetricView]] {
        guard mode == .composable else { return matching.map { [$0] } }
        var names: [ExactText] = []
        for name in matching.compactMap({ $0.name.map(ExactText.init) }) where !names.contains(name) { names.append(name) }
        guard !names.isEmpty else { return [matching] }
        return names.map { name in
            matching.filter { view in view.name.map { ExactText($0) == name } ?? true }
        }
    }

    /// What is to be told of the aggregations that would count if they made sense for the instrument.
    private func misfits(in group: [MetricView], with instrument: InstrumentDescriptor, _ scope: InstrumentationScope) -> [String] {
        let consequence =
            mode == .composable ? "What an earlier view says counts instead, or the default." : "The view does not count for it."
        var warnings: [String] = []
        for aggregation in group.reversed().compactMap(\.aggregation) {
            guard let reason = aggregation.misfit(with: instrument.kind) else { break }
            warnings.append(
                """
                A view gives the aggregation \(aggregation.name) to the instrument "\(instrument.name)" of the meter "\(scope.name)", \
                but \(reason). \(consequence) Let the view select by kind, or name another aggregation.
                """)
        }
        return warnings
    }
}

extension MetricView {
    /// What is wrong with what it says, if something is.
    var problem: ConfigurationError? {
        if let name, instruments.hasWildcards {
            return ConfigurationError(
                setting: "MetricView.name", value: name,
                expected: "a view that selects by one whole name, without wildcards: else several metrics would have this name")
        }
        if let cardinalityLimit, cardinalityLimit < 1 {
            return ConfigurationError(setting: "MetricView.cardinalityLimit", value: "\(cardinalityLimit)", expected: "1 series or more")
        }
        return aggregation?.problem ?? exemplars?.problem
    }
}

extension MetricReaderOptions {
    /// What is wrong with what the reader wants, if something is.
    var problem: ConfigurationError? {
        for kind in InstrumentKind.allCases {
            if let problem = aggregations[kind]?.problem { return problem }
            if let limit = cardinalityLimits[kind], limit < 1 {
                return ConfigurationError(
                    setting: "cardinalityLimits[.\(kind.rawValue)]", value: "\(limit)", expected: "1 series or more")
            }
        }
        return nil
    }
}
