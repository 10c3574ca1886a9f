// Adds series to a store up to the cardinality limit, and reclaims unused ones.

extension SeriesStore {
    /// Makes a series unless it exists or the limit is reached; must be called without a lane's lock held.
    ///
    /// - Parameter isBound: true to keep the series for a handle.
    /// - Returns: true if the series exists.
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

    /// Makes the series unless it exists; returns whether it exists.
    private func addSeries(_ hash: UInt64, _ attributes: Attributes, _ isBound: Bool) -> Bool {
        // Made outside of the lock, since it calls user code, and only if it is likely to be needed.
        let mayNeedReservoir = usesCustomReservoirs && registry.withLock { !$0.isFull && $0.find(hash, attributes) == nil }
        let reservoir = mayNeedReservoir ? configuration.makeReservoir() : nil
        let now = clock.monotonicNanoseconds()
        return registry.withLock { registry in
            defer { if isBound { registry.find(hash, attributes)?.pointee.bindings += 1 } }
            if registry.find(hash, attributes) != nil { return true }
            // If a reservoir is needed after all, room was made just now.
            guard !registry.isFull, !usesCustomReservoirs || reservoir != nil else { return false }
            let replaced = registry.add(hash: hash, attributes: attributes, startNanoseconds: now, reservoir: reservoir)
            if let replaced {
                publish(registry.slots)
                replaced.deallocate()
            }
            return true
        }
    }

    /// Gives all lanes new slots; afterwards no lane reads the old ones.
    private func publish(_ slots: SeriesSlots) {
        for index in 0..<laneCount {
            lanes[index].lock.acquire()
            lanes[index].slots = slots
            lanes[index].lock.release()
        }
    }

    /// Removes series without new measurements, if all readers have delta temporality; returns how many.
    ///
    /// (Specification: metrics SDK, "Cardinality limits": with delta temporality each collection starts anew.)
    private func reclaim() -> Int {
        // During a collection the measurement counts as overflow: recording does not wait.
        readers.withLockIfAvailable { readers in
            guard readers.areAllDelta else { return 0 }
            return registry.withLock { registry in
                let idle = registry.records.compactMap { record -> Int? in
                    guard let record, record.pointee.bindings == 0 else { return nil }
                    let number = record.pointee.number
                    return readers.slots.contains { $0.hasNewMeasurements(number) } ? nil : number
                }
                guard !idle.isEmpty else { return 0 }
                let replaced = registry.hide(Set(idle))
                var busy: Set<Int> = []
                for index in 0..<laneCount {
                    lanes[index].lock.acquire()
                    lanes[index].slots = registry.slots
                    lanes[index].recent.deallocate()
                    for number in idle where lanes[index].cells.existing(number).map({ Cell($0).hasNewMeasurements(layout) }) ?? false {
                        busy.insert(number)
                    }
                    lanes[index].lock.release()
                }
                replaced.deallocate()
                for number in idle { if busy.contains(number) { registry.restore(number) } else { registry.free(number) } }
                return idle.count - busy.count
            }
        } ?? 0
    }
}
