// Collection from a store, without holding a lane's lock for long.

extension SeriesStore {
    /// Adds a reader and returns its number; must be called before the first measurement.
    func addReader(_ temporality: Temporality, at nanoseconds: UInt64) -> Int {
        readers.withLock { readers in
            readers.slots.append(
                StoreReader(temporality: temporality, cells: CellArray(stride: layout.stride), lastNanoseconds: nanoseconds))
            return readers.slots.count - 1
        }
    }

    /// Returns the points of a reader; nil if there are none.
    ///
    /// - Parameter accepts: returns whether to export a series.
    func collect(_ reader: Int, at time: CollectionTime, where accepts: (@Sendable (Attributes) -> Bool)?) -> MetricPoints? {
        readers.withLock { readers in
            let records = registry.withLock { $0.records }
            drain(records.count, into: readers.slots)
            var points = PointBuilder(self, readers.slots[reader], time, capacity: records.count)
            for number in records.indices.dropFirst() {
                if let record = records[number] { points.add(record, where: accepts) }
            }
            points.addOverflow(where: accepts)
            readers.slots[reader].lastNanoseconds = time.nanoseconds
            if readers.areAllDelta { openLanes() }
            return points.result
        }
    }

    /// Moves all lanes into the cells of the readers.
    ///
    /// It takes a lane's lock for a few cells at a time, so that recording threads wait no longer.
    private func drain(_ count: Int, into readers: [StoreReader]) {
        let step = 16
        var start = 0
        while start < count {
            let numbers = start..<min(start + step, count)
            for index in 0..<laneCount {
                lanes[index].lock.acquire()
                for number in numbers {
                    guard let base = lanes[index].cells.existing(number) else { continue }
                    let cell = Cell(base)
                    guard cell.hasNewMeasurements(layout) else { continue }
                    if layout.kind == .intSum { cell.addBoundSum() }
                    for reader in readers { Cell(reader.cells.cell(number)).merge(cell, layout) }
                    cell.clear(layout)
                }
                lanes[index].lock.release()
            }
            start += step
        }
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

/// Builds the points of one reader.
private struct PointBuilder {
    private let store: SeriesStore
    private let layout: CellLayout
    private let cells: CellArray
    private let temporality: Temporality
    private let lastTime: Timestamp
    private let collection: CollectionTime
    private let time: Timestamp
    private let isDelta: Bool
    private let usesCustomReservoirs: Bool
    private var numbers: [NumberPoint] = []
    private var histograms: [HistogramPoint] = []
    private var exponentials: [ExponentialHistogramPoint] = []

    init(_ store: SeriesStore, _ reader: StoreReader, _ collection: CollectionTime, capacity: Int) {
        self.store = store
        layout = store.layout
        cells = reader.cells
        temporality = reader.temporality
        isDelta = temporality == .delta
        usesCustomReservoirs = store.usesCustomReservoirs
        self.collection = collection
        lastTime = collection.timestamp(of: reader.lastNanoseconds)
        time = collection.timestamp
        switch layout.kind {
        case .histogram: histograms.reserveCapacity(capacity)
        case .exponential: exponentials.reserveCapacity(capacity)
        default: numbers.reserveCapacity(capacity)
        }
    }

    var result: MetricPoints? {
        switch store.configuration.aggregation {
        case .sum(let isMonotonic): numbers.isEmpty ? nil : .sum(numbers, temporality: temporality, isMonotonic: isMonotonic)
        case .lastValue: numbers.isEmpty ? nil : .gauge(numbers)
        case .histogram: histograms.isEmpty ? nil : .histogram(histograms, temporality: temporality)
        case .exponentialHistogram: exponentials.isEmpty ? nil : .exponentialHistogram(exponentials, temporality: temporality)
        }
    }

    mutating func add(_ record: UnsafeMutablePointer<SeriesRecord>, where accepts: (@Sendable (Attributes) -> Bool)?) {
        guard let cell = cellToExport(record.pointee.number) else { return }
        let series = record.pointee.series
        if accepts?(series.attributes) ?? true {
            let start = start(record.pointee.startNanoseconds)
            add(cell, series, start, usesCustomReservoirs ? exemplars(of: record.pointee, since: start) : exemplars(cell))
        }
        markExported(cell)
    }

    mutating func addOverflow(where accepts: (@Sendable (Attributes) -> Bool)?) {
        guard let cell = cellToExport(SeriesStore.overflowNumber) else { return }
        if accepts?(Series.overflow.attributes) ?? true {
            add(cell, .overflow, start(store.startNanoseconds), exemplars(cell))
        }
        markExported(cell)
    }

    /// Returns the start of a point of a series that began at a time.
    ///
    /// A measurement between the start of a collection and its turn in that collection is exported with it, so no point starts after its
    /// time.
    private func start(_ nanoseconds: UInt64) -> Timestamp {
        isDelta ? lastTime : collection.timestamp(of: nanoseconds)
    }

    /// Returns the cell of a series that has something to export.
    private func cellToExport(_ number: Int) -> Cell? {
        guard let base = cells.existing(number) else { return nil }
        let cell = Cell(base)
        return cell.holdsValues && (!isDelta || cell.updates > 0) ? cell : nil
    }

    /// Clears what was exported: the whole cell with delta temporality, the exemplars in any case.
    private func markExported(_ cell: Cell) {
        if isDelta { return cell.clear(layout) }
        cell.updates = 0
        cell.clearExemplars(layout)
    }

    private mutating func add(_ cell: Cell, _ series: Series, _ start: Timestamp, _ exemplars: [Exemplar]) {
        switch layout.kind {
        case .intSum:
            if cell.carry != 0 { store.overflowReport.report(store.descriptor) }
            numbers.append(
                NumberPoint(series: series, startTime: start, time: time, value: .int(cell.sumWithinRange), exemplars: exemplars))
        case .doubleSum, .intLast, .doubleLast:
            numbers.append(
                NumberPoint(series: series, startTime: start, time: time, value: layout.number(cell.bits), exemplars: exemplars))
        case .histogram:
            guard case .histogram(let boundaries, let recordsSum, let recordsMinMax) = store.configuration.aggregation else { return }
            let counts = Array(UnsafeBufferPointer(start: cell.buckets, count: layout.bucketCount))
            histograms.append(
                HistogramPoint(
                    series: series, startTime: start, time: time, count: counts.reduce(0, &+), sum: recordsSum ? cell.double : nil,
                    min: recordsMinMax ? cell.minimum : nil, max: recordsMinMax ? cell.maximum : nil, boundaries: boundaries,
                    bucketCounts: counts, exemplars: exemplars))
        case .exponential:
            guard case .exponentialHistogram(_, _, let recordsSum, let recordsMinMax) = store.configuration.aggregation,
                let values = cell.exponential
            else { return }
            exponentials.append(
                ExponentialHistogramPoint(
                    series: series, startTime: start, time: time,
                    distribution: values.pointee.distribution(recordsSum: recordsSum, recordsMinMax: recordsMinMax), exemplars: exemplars))
        }
    }

    private func exemplars(of record: SeriesRecord, since start: Timestamp) -> [Exemplar] {
        // Reservoirs keep wall times, which may lie outside of the time window if the clock was set.
        record.reservoir?.collect().map { exemplar in
            exemplar.without(record.series.attributes, at: max(start, min(exemplar.time, time)))
        } ?? []
    }

    private func exemplars(_ cell: Cell) -> [Exemplar] {
        guard let slots = cell.exemplarSlots(layout) else { return [] }
        return slots.filter(\.isTaken).map { slot in
            let traceID = TraceID(high: slot.traceHigh, low: slot.traceLow)
            return Exemplar(
                value: layout.number(slot.value), time: collection.timestamp(of: slot.nanoseconds),
                traceID: traceID.isValid ? traceID : nil, spanID: traceID.isValid ? SpanID(slot.span) : nil,
                filteredAttributes: slot.filtered ?? [:])
        }
    }
}

extension Exemplar {
    /// Returns the exemplar without the attributes of its series, at a time.
    fileprivate func without(_ attributes: Attributes, at time: Timestamp) -> Exemplar {
        Exemplar(
            value: value, time: time, traceID: traceID, spanID: spanID,
            filteredAttributes: Attributes(filteredAttributes.filter { attributes[$0.key] == nil }))
    }
}
