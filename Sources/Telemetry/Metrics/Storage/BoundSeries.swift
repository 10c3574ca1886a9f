// Binds handles of instruments to series of a store.

/// The series that a handle is bound to. A class, so that passing it copies at most one reference.
final class BoundSeries: Sendable {
    let number: Int
    /// The attributes of the handle that the series does not have.
    let removed: Attributes?
    /// All attributes of the handle.
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
    /// Returns the series of a set of attributes, made if it is new, and keeps it for a handle.
    func bind(_ attributes: Attributes) -> BoundSeries {
        let attributes = attributes.canonical
        let (kept, removed) = configuration.filter?.apply(to: attributes) ?? (attributes, [:])
        guard makeSeries(SeriesHash.shared.hash(of: kept), kept, isBound: true),
            let (number, reservoir) = registry.withLock({ registry in
                registry.find(SeriesHash.shared.hash(of: kept), kept).map { ($0.pointee.number, $0.pointee.reservoir) }
            })
        else {
            allocateCells(Self.overflowNumber)
            return BoundSeries(number: Self.overflowNumber, removed: attributes, measured: attributes, reservoir: nil)
        }
        allocateCells(number)
        return BoundSeries(number: number, removed: removed.isEmpty ? nil : removed, measured: attributes, reservoir: reservoir)
    }

    /// Allocates the cell of a series in every lane, so that a handle finds it without the lane's lock.
    private func allocateCells(_ number: Int) {
        for index in 0..<laneCount {
            lanes[index].lock.acquire()
            _ = lanes[index].cells.cell(number)
            lanes[index].lock.release()
        }
    }

    func unbind(_ series: BoundSeries) {
        guard series.number != Self.overflowNumber else { return }
        registry.withLock { registry in
            guard let record = registry.records[series.number] else { return }
            assert(record.pointee.bindings > 0, "A handle is unbound once.")
            record.pointee.bindings -= 1
        }
    }
}
