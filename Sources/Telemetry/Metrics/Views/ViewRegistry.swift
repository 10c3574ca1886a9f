// From instruments to streams, by way of views and readers.

/// The views of a provider in the order of their registration. Copies share them, so that all see a replacement.
///
/// It returns the streams of each instrument. (Specification: metrics SDK, "Measurement processing".)
struct ViewRegistry: Sendable {
    /// The cardinality limit if neither a view nor the reader sets one.
    ///
    /// (Specification: metrics SDK, "Cardinality limits".)
    static let defaultCardinalityLimit = 2000

    private let shared: SharedViews
    private let mode: ViewMatchingMode

    init(_ views: [MetricView], mode: ViewMatchingMode = .independent) throws(ConfigurationError) {
        if let problem = views.firstProblem { throw problem }
        shared = SharedViews(views)
        self.mode = mode
    }

    /// Replaces the views for instruments that are made from now on; existing ones keep their streams.
    func replace(_ views: [MetricView]) throws(ConfigurationError) {
        if let problem = views.firstProblem { throw problem }
        shared.views.withLock { $0 = views }
    }

    /// A registry without views.
    static let none = ViewRegistry()

    private init() {
        shared = SharedViews([])
        mode = .independent
    }

    /// Returns the plans of an instrument's streams for all readers; streams that views drop are left out.
    ///
    /// - Returns: the plans, and a warning for each aggregation that does not fit the instrument.
    func plans(for instrument: InstrumentDescriptor, scope: InstrumentationScope) -> (plans: [StreamPlan], warnings: [String]) {
        let matching = groups(of: shared.views.withLock { $0 }.filter { $0.instruments.selects(instrument, of: scope) })
        var (usable, warnings): ([[MetricView]], [String]) = ([], [])
        for group in matching {
            let misuses = misuseWarnings(in: group, with: instrument, scope)
            warnings += misuses.filter { !warnings.contains($0) }
            // An independent view is then ignored; among composable ones, the aggregation of another view applies.
            if misuses.isEmpty || mode == .composable { usable.append(group) }
        }
        // An instrument that no view selects has its default stream.
        if usable.isEmpty { usable = [[]] }
        return (usable.map { StreamPlan($0, for: instrument) }.filter { $0.aggregation != .drop }, warnings)
    }

    /// Returns the streams of a reader, none if all are dropped, and warnings about views that do not fit.
    ///
    /// Views override advisory parameters, and these override the reader's preferences.
    func streams(for instrument: InstrumentDescriptor, scope: InstrumentationScope, options: MetricReaderOptions)
        -> (streams: [StreamConfiguration], warnings: [String])
    {
        let kind = instrument.kind
        var (plans, warnings) = plans(for: instrument, scope: scope)
        var preferred = options.aggregations[kind] ?? .default
        if let reason = preferred.rejectionReason(for: kind) {
            warnings.append(
                """
                A reader wants the aggregation \(preferred.name) for \(kind.nounWithArticle), but \(reason). \
                It gets the default one; name another aggregation for this kind.
                """)
            preferred = .default
        }
        let limit = options.cardinalityLimits[kind] ?? Self.defaultCardinalityLimit
        return (plans.compactMap { $0.stream(of: instrument, aggregation: preferred, cardinalityLimit: limit) }, warnings)
    }

    /// Returns the views of each stream, in the order of their registration.
    private func groups(of matching: [MetricView]) -> [[MetricView]] {
        guard mode == .composable else { return matching.map { [$0] } }
        var names: [ExactText] = []
        for name in matching.compactMap({ $0.name.map(ExactText.init) }) where !names.contains(name) { names.append(name) }
        guard !names.isEmpty else { return [matching] }
        return names.map { name in
            matching.filter { view in view.name.map { ExactText($0) == name } ?? true }
        }
    }

    /// Returns warnings about the aggregations that would apply if they fitted the instrument.
    private func misuseWarnings(in group: [MetricView], with instrument: InstrumentDescriptor, _ scope: InstrumentationScope) -> [String] {
        let consequence =
            mode == .composable ? "What an earlier view says counts instead, or the default." : "The view does not count for it."
        var warnings: [String] = []
        for aggregation in group.reversed().compactMap(\.aggregation) {
            guard let reason = aggregation.rejectionReason(for: instrument.kind) else { break }
            warnings.append(
                """
                A view gives the aggregation \(aggregation.name) to the instrument "\(instrument.name)" of the meter "\(scope.name)", \
                but \(reason). \(consequence) Let the view select by kind, or name another aggregation.
                """)
        }
        return warnings
    }
}

/// The present views. A class, since copies of a registry share them.
private final class SharedViews: Sendable {
    let views: Locked<[MetricView]>

    init(_ views: [MetricView]) {
        self.views = Locked(views)
    }
}

extension MetricView: CheckedSettings {
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

extension MetricReaderOptions: CheckedSettings {
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
