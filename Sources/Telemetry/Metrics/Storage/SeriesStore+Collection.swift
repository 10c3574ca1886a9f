// Collection from a store, without holding a lane's lock for long.

extension SeriesStore {
    /// Adds a reader and returns its number; must be called before the first measurement.
    ///
    /// - Parameter keepsPoints: whether points without new measurements may keep their earlier times.
    func addReader(_ temporality: Temporality, at nanoseconds: UInt64, keepsPoints: Bool = false) -> Int {
        readers.withLock { readers in
            readers.slots.append(
                StoreReader(
                    temporality: temporality, cells: CellArray(stride: layout.stride), lastNanoseconds: nanoseconds,
                    keptPoints: keepsPoints && temporality == .cumulative && !usesCustomReservoirs ? KeptPoints() : nil))
            return readers.slots.count - 1
        }
    }

    /// Returns the points of a reader; nil if there are none.
    ///
    /// - Parameter accepts: returns whether to export a series.
    func collect(_ reader: Int, at time: CollectionTime, where accepts: (@Sendable (Attributes) -> Bool)?) -> MetricPoints? {
        readers.withLock { readers in
            let records = registry.withLock { $0.records }
            if drain(records.count, into: readers.slots) {
                for slot in readers.slots.indices { readers.slots[slot].hasNewMeasurements = true }
            }
            defer {
                readers.slots[reader].lastNanoseconds = time.nanoseconds
                if readers.areAllDelta { openLanes() }
            }
            if accepts == nil, readers.slots[reader].keptPoints != nil {
                return keptPoints(&readers.slots[reader], records, at: time)
            }
            // What is exported otherwise is not noticed there.
            if readers.slots[reader].keptPoints != nil { readers.slots[reader].keptPoints = KeptPoints() }
            var points = PointBuilder(self, readers.slots[reader], time, capacity: records.count)
            for number in records.indices.dropFirst() {
                if let record = records[number] { points.add(record, where: accepts) }
            }
            points.addOverflow(where: accepts)
            return points.result
        }
    }

    /// Moves all lanes into the cells of the readers; returns whether there was anything to move.
    ///
    /// It takes a lane's lock for a few cells at a time, so that recording threads wait no longer.
    private func drain(_ count: Int, into readers: [StoreReader]) -> Bool {
        let step = 16
        var isChanged = false
        var start = 0
        while start < count {
            let numbers = start..<min(start + step, count)
            for index in 0..<laneCount {
                lanes[index].lock.acquire()
                if start == 0 { lanes[index].recent.allowCopies() }
                lanes[index].cells.forEachExisting(in: numbers) { number, base in
                    let cell = Cell(base)
                    guard cell.hasNewMeasurements(layout) else { return }
                    isChanged = true
                    if layout.kind == .intSum { cell.addBoundSum() }
                    if layout.kind == .histogram { cell.recordQueuedValues(layout, buckets) }
                    for reader in readers { Cell(reader.cells.cell(number)).merge(cell, layout) }
                    cell.clear(layout)
                }
                lanes[index].lock.release()
            }
            start += step
        }
        return isChanged
    }

    /// Allows new series again: with delta temporality the limit applies to each collection.
    private func openLanes() {
        for index in 0..<laneCount {
            lanes[index].lock.acquire()
            lanes[index].isFull = false
            lanes[index].lock.release()
        }
    }
}
