// Adds series to a store up to the cardinality limit, and reclaims unused ones.

extension SeriesStore {
    /// Makes sure that a series is there, unless there is no room for it; no lane's lock is held.
    ///
    /// - Parameter isBound: whether a handle keeps the series from now on.
    /// - Returns: whether there is room for it.
    @discardableResult
    func makeSeries(_ hash: UInt64, _ attributes: Attributes, isBound: Bool = false) -> Bool {
        if addSeries(hash, attributes, isBound) { return true }
        if reclaim() > 0, addSeries(hash, attributes, isBound) { return true }
        configuration.reportCardinalityOverflow()
        for index in 0..<laneCount {
            lanes[index].lock.acquire()
            lanes[index].isFull = true
            lanes[index].lock.release()
        }
        return false
    }

    /// Whether the series is there now.
    private func addSeries(_ hash: UInt64, _ attributes: Attributes, _ isBound: Bool) -> Bool {
        // Made outside of the lock, since it is the user's code; and only where it is likely to be needed.
        let mayNeedReservoir = hasReservoirs && registry.withLock { !$0.isFull && $0.find(hash, attributes) == nil }
        let reservoir = mayNeedReservoir ? configuration.makeReservoir() : nil
        let now = clock.monotonicNanoseconds()
        return registry.withLock { registry in
            defer { if isBound { registry.find(hash, attributes)?.pointee.bindings += 1 } }
            if registry.find(hash, attributes) != nil { return true }
            // Where there is need of a reservoir all the same, room was made just now.
            guard !registry.isFull, !hasReservoirs || reservoir != nil else { return false }
            let replaced = registry.add(hash: hash, attributes: attributes, startNanoseconds: now, reservoir: reservoir)
            if let replaced {
                show(registry.slots)
                replaced.deallocate()
            }
            return true
        }
    }

    /// Shows all lanes new slots: afterwards nobody reads the old ones.
    private func show(_ slots: SeriesSlots) {
        for index in 0..<laneCount {
            lanes[index].lock.acquire()
            lanes[index].slots = slots
            lanes[index].lock.release()
        }
    }

    /// Takes away the series that have nothing to tell, where all readers want changes only; returns how many there were.
    ///
    /// (Specification: metrics SDK, "Cardinality limits": a reader of changes starts anew with each collection.)
    private func reclaim() -> Int {
        // While somebody collects, the measurement counts as beyond the limit: recording does not wait.
        readers.withLockIfAvailable { readers in
            guard readers.areAllDelta else { return 0 }
            return registry.withLock { registry in
                let idle = registry.records.compactMap { record -> Int? in
                    guard let record, record.pointee.bindings == 0 else { return nil }
                    let number = record.pointee.number
                    return readers.slots.contains { $0.hasNews(number) } ? nil : number
                }
                guard !idle.isEmpty else { return 0 }
                let replaced = registry.hide(Set(idle))
                var busy: Set<Int> = []
                for index in 0..<laneCount {
                    lanes[index].lock.acquire()
                    lanes[index].slots = registry.slots
                    for number in idle where lanes[index].cells.existing(number).map({ Cell($0).hasNews(layout) }) ?? false {
                        busy.insert(number)
                    }
                    lanes[index].lock.release()
                }
                replaced.deallocate()
                for number in idle { if busy.contains(number) { registry.show(number) } else { registry.free(number) } }
                return idle.count - busy.count
            }
        } ?? 0
    }
}
