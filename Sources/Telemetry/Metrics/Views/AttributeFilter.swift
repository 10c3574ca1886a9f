// Takes attributes away from measurements, by their keys. Hot: it is asked for every measurement of a stream that has one.

/// Which attributes of measurements are kept; keys are compared byte by byte, as everywhere.
struct AttributeFilter: Sendable, Hashable {
    /// Nil when all are kept but the excluded ones. What is allowed is not excluded as well.
    private let allowed: Set<ExactText>?
    private let excluded: Set<ExactText>

    /// A filter that keeps the keys which all selections keep; nil when nothing is taken away.
    init?(_ selections: [AttributeKeySelection]) {
        var allowed: Set<ExactText>?
        var excluded: Set<ExactText> = []
        for selection in selections {
            switch selection {
            case .only(let keys):
                let keys = Set(keys.map(ExactText.init))
                allowed = allowed?.intersection(keys) ?? keys
            case .except(let keys): excluded.formUnion(keys.map(ExactText.init))
            }
        }
        guard allowed != nil || !excluded.isEmpty else { return nil }
        self.allowed = allowed?.subtracting(excluded)
        self.excluded = allowed == nil ? excluded : []
    }

    /// Whether attributes with a key are kept.
    func keeps(_ key: String) -> Bool {
        let key = ExactText(key)
        return allowed?.contains(key) ?? !excluded.contains(key)
    }

    /// The attributes that are kept and those that are not, each in their order.
    func apply(to attributes: Attributes) -> (kept: Attributes, removed: Attributes) {
        var kept: [Attributes.Element] = []
        var removed: [Attributes.Element] = []
        for attribute in attributes {
            if keeps(attribute.key) { kept.append(attribute) } else { removed.append(attribute) }
        }
        // The collection that was given, where nothing changes: it may be known already, and need not be made anew.
        if removed.isEmpty { return (attributes, [:]) }
        if kept.isEmpty { return ([:], attributes) }
        return (Attributes(kept), Attributes(removed))
    }
}
