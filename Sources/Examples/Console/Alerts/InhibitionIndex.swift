// Finds the alerts that mute others.

/// The sources of inhibitions among the alerts that fire, by the values that their targets must have too.
struct InhibitionIndex: Sendable {
    private struct Sources {
        let first: LabelSet
        /// The first one that is not a target of the rule.
        var firstOther: LabelSet?
    }

    private let rules: [(rule: InhibitRule, sources: [[String]: Sources])]

    /// - Parameter firing: the labels of the alerts that fire; the first of several sources is the one that is named.
    init(_ rules: [InhibitRule], firing: [LabelSet]) {
        self.rules = rules.map { rule in
            var sources: [[String]: Sources] = [:]
            for labels in firing where rule.isSource(labels) {
                let values = rule.common(labels)
                var known = sources[values] ?? Sources(first: labels)
                if known.firstOther == nil, !rule.isTarget(labels) { known.firstOther = labels }
                sources[values] = known
            }
            return (rule, sources)
        }
    }

    /// Returns the labels of the alerts that mute one with these labels, one of each rule.
    func inhibitors(of labels: LabelSet) -> [LabelSet] {
        rules.compactMap { rule, sources in
            guard !sources.isEmpty, rule.isTarget(labels), let found = sources[rule.common(labels)] else { return nil }
            // An alert that is source and target of a rule is not muted by another such one, so that two do not mute each other.
            return rule.isSource(labels) ? found.firstOther : found.first
        }
    }
}
