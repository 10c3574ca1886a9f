// Removes attributes from measurements: the slow path of streams whose view selects keys, which allocates if there is something to remove.

/// The attribute keys that a stream keeps; keys are compared byte by byte.
struct AttributeFilter: Sendable, Hashable {
    /// The keys to keep, without the excluded ones; nil to keep all but these.
    private let allowed: Set<ExactText>?
    private let excluded: Set<ExactText>
    /// Selections by patterns, each of which must keep a key.
    private let patterns: [KeyPatterns]

    /// Creates a filter that keeps the keys which every selection keeps; nil if it would keep all.
    init?(_ selections: [AttributeKeySelection]) {
        var allowed: Set<ExactText>?
        var excluded: Set<ExactText> = []
        var patterns: [KeyPatterns] = []
        for selection in selections {
            switch selection {
            case .only(let keys):
                let keys = Set(keys.map(ExactText.init))
                allowed = allowed?.intersection(keys) ?? keys
            case .except(let keys): excluded.formUnion(keys.map(ExactText.init))
            case .matching(let included, let excluded): patterns.append(KeyPatterns(included, excluding: excluded))
            }
        }
        guard allowed != nil || !excluded.isEmpty || !patterns.isEmpty else { return nil }
        self.patterns = patterns
        self.allowed = allowed?.subtracting(excluded)
        self.excluded = allowed == nil ? excluded : []
    }

    /// Reports whether attributes with a key are kept.
    func keeps(_ key: String) -> Bool {
        let exact = ExactText(key)
        return (allowed?.contains(exact) ?? !excluded.contains(exact)) && patterns.allSatisfy { $0.keep(key) }
    }

    /// Returns the attributes that are kept and those that are removed, each in their order.
    func apply(to attributes: Attributes) -> (kept: Attributes, removed: Attributes) {
        // Nil as long as all are kept.
        var kept: [(String, AttributeValue)]?
        var removed: [(String, AttributeValue)] = []
        for (index, attribute) in attributes.enumerated() {
            if keeps(attribute.key) {
                kept?.append(attribute)
            } else {
                if kept == nil { kept = attributes.prefix(index).map { ($0.key, $0.value) } }
                removed.append(attribute)
            }
        }
        // The given collection is returned if nothing changes, since it may be in canonical form already.
        guard let kept else { return (attributes, [:]) }
        return kept.isEmpty ? ([:], attributes) : (Attributes(unique: kept), Attributes(unique: removed))
    }
}

/// Patterns of keys that are kept, and of those that are not.
private struct KeyPatterns: Sendable, Hashable {
    private let included: [NamePattern]
    private let excluded: [NamePattern]

    init(_ included: [String], excluding excluded: [String]) {
        self.included = included.map { NamePattern($0) }
        self.excluded = excluded.map { NamePattern($0) }
    }

    func keep(_ key: String) -> Bool { included.contains { $0.matches(key) } && !excluded.contains { $0.matches(key) } }
}
