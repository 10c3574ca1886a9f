// For series that are looked up outside of the hot path.

/// Attributes as a dictionary key: equal by type and value, in any order.
struct SeriesKey: Hashable {
    private let attributes: Attributes

    /// - Parameter attributes: attributes in canonical form.
    init(_ attributes: Attributes) {
        self.attributes = attributes
    }

    static func == (left: SeriesKey, right: SeriesKey) -> Bool {
        left.attributes.withEntries { one in right.attributes.withEntries { two in SeriesEquality.areSame(one, two) } }
    }

    func hash(into hasher: inout Hasher) { hasher.combine(SeriesHash.shared.hash(of: attributes)) }
}
