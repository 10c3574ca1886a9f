// Attributes as dictionary keys, for series that are not recorded on the hot path.

/// Attributes as a key: by type and value, whatever their order.
struct SeriesKey: Hashable {
    private let attributes: Attributes

    /// - Parameter attributes: in their canonical form.
    init(_ attributes: Attributes) {
        self.attributes = attributes
    }

    static func == (left: SeriesKey, right: SeriesKey) -> Bool {
        left.attributes.withEntries { one in right.attributes.withEntries { two in SeriesEquality.areSame(one, two) } }
    }

    func hash(into hasher: inout Hasher) { hasher.combine(SeriesHash.shared.hash(of: attributes)) }
}
