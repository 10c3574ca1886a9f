// Binds handles of instruments to series of a store.

/// A series that a handle was bound to. A class, so that handing it on copies one reference at most.
final class BoundSeries: Sendable {
    let number: Int
    /// What the handle's attributes have beyond those of the series.
    let removed: Attributes?
    /// All that the handle was bound to.
    let measured: Attributes
    let reservoir: (any ExemplarReservoir)?

    init(number: Int, removed: Attributes?, measured: Attributes, reservoir: (any ExemplarReservoir)?) {
        self.number = number
        self.removed = removed
        self.measured = measured
        self.reservoir = reservoir
    }
}

extension SeriesStore {
    /// Finds or makes the series of a set of attributes, for a handle that keeps it.
    func bind(_ attributes: Attributes) -> BoundSeries {
        let attributes = attributes.canonical
        let (kept, removed) = configuration.filter?.apply(to: attributes) ?? (attributes, [:])
        guard makeSeries(SeriesHash.shared.hash(of: kept), kept, isBound: true),
            let (number, reservoir) = registry.withLock({ registry in
                registry.find(SeriesHash.shared.hash(of: kept), kept).map { ($0.pointee.number, $0.pointee.reservoir) }
            })
        else {
            return BoundSeries(number: Self.overflowNumber, removed: attributes, measured: attributes, reservoir: nil)
        }
        return BoundSeries(number: number, removed: removed.isEmpty ? nil : removed, measured: attributes, reservoir: reservoir)
    }

    func unbind(_ series: BoundSeries) {
        guard series.number != Self.overflowNumber else { return }
        registry.withLock { $0.records[series.number]?.pointee.bindings -= 1 }
    }
}
