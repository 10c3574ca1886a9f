// Hot: records a measurement into a store.

import Synchronization

/// Records into a store that its owner keeps alive.
///
/// It consists of integers and pointers, so that recording counts no reference.
///
/// A measurement takes the lock of the processor's lane, finds its series, and updates one cell.
struct SeriesRecorder: @unchecked Sendable {
    // Unchecked: lanes are used with their locks held, and the rest is constant.
    typealias Lane = SeriesStore.Lane

    /// Separately allocated, so that a copy of the recorder copies one pointer.
    private let constants: UnsafePointer<Constants>

    private struct Constants {
        let lanes: UnsafeMutablePointer<Lane>
        let laneMask = ProcessorLane.count - 1
        let processor = ProcessorLane()
        let hash = SeriesHash.shared
        let layout: CellLayout
        let buckets: ExplicitBuckets
        let needsSlowPath: Bool
        let owner: Unmanaged<SeriesStore>
    }

    /// The creator keeps the store alive, and must call `deallocate`.
    init(_ store: SeriesStore) {
        assert(store.laneCount == ProcessorLane.count, "A store has one lane a processor.")
        let constants = UnsafeMutablePointer<Constants>.allocate(capacity: 1)
        constants.initialize(
            to: Constants(
                lanes: store.lanes, layout: store.layout, buckets: store.buckets,
                needsSlowPath: store.configuration.filter != nil || store.usesCustomReservoirs || store.contextAttributes != .none,
                owner: .passUnretained(store)))
        self.constants = UnsafePointer(constants)
    }

    func deallocate() { constants.deallocate() }

    private var layout: CellLayout { constants.pointee.layout }
    /// Whether a view removes attributes, a context adds some, or a custom reservoir keeps exemplars.
    ///
    /// Measurements then need more than a lookup.
    private var needsSlowPath: Bool { constants.pointee.needsSlowPath }
    private var store: SeriesStore { constants.pointee.owner.takeUnretainedValue() }

    /// The lane of the current processor.
    @inline(__always)
    private var lane: UnsafeMutablePointer<Lane> {
        // The mask keeps every number within the lanes: their count is a power of two.
        constants.pointee.lanes + (constants.pointee.processor.current & constants.pointee.laneMask)
    }

    /// Records one measurement of attributes as written, repeated and empty keys included.
    @inline(__always)
    func record(_ bits: UInt64, _ entries: SeriesEquality.Entries, _ context: Context?) {
        if needsSlowPath { return recordOnSlowPath(bits, entries, context) }
        recordAll(bits, entries, context)
    }

    /// Records one measurement in the series that has all of the attributes.
    @inline(__always)
    private func recordAll(_ bits: UInt64, _ entries: SeriesEquality.Entries, _ context: Context?) {
        let (key, bucket) = (RecentSeries.key(of: entries), self.bucket(bits))
        let lane = self.lane
        lane.pointee.lock.acquire()
        guard let cell = lane.pointee.recent.find(key, entries) else {
            lane.pointee.lock.release()
            return recordByContent(bits, key, entries, context)
        }
        update(lane, Cell(cell), bits, bucket, context) { nil }
        lane.pointee.lock.release()
    }

    /// Records a measurement whose series is found by the content of its attributes.
    @inline(never)
    private func recordByContent(_ bits: UInt64, _ key: UInt64, _ entries: SeriesEquality.Entries, _ context: Context?) {
        let (hash, bucket) = (constants.pointee.hash.hash(entries), self.bucket(bits))
        let lane = self.lane
        lane.pointee.lock.acquire()
        if let record = lane.pointee.slots.find(hash, entries) {
            let cell = lane.pointee.cells.cell(record.pointee.number)
            lane.pointee.recent.insert(key, entries, record, cell: cell, seriesCapacity: lane.pointee.slots.mask + 1)
            update(lane, Cell(cell), bits, bucket, context) { nil }
            lane.pointee.lock.release()
        } else {
            lane.pointee.lock.release()
            recordUnknown(bits, Attributes(unchecked: Array(entries)), context)
        }
    }

    /// Records one measurement of a bound series.
    @inline(__always)
    func record(_ bits: UInt64, number: Int, _ series: Unmanaged<BoundSeries>, _ context: Context?) {
        let bucket = self.bucket(bits)
        let lane = self.lane
        // The binding has allocated the cell, so that it is found before the lock is held: a processor reads nothing beyond an exchange.
        let known = lane.pointee.cells.existing(number)
        lane.pointee.lock.acquire()
        let cell = Cell(known ?? lane.pointee.cells.cell(number))
        if constants.pointee.layout.kind == .histogram { cell.recordQueuedValues(layout, constants.pointee.buckets) }
        update(lane, cell, bits, bucket, context) { series.takeUnretainedValue().removed }
        if constants.pointee.layout.kind == .intSum { grantLockFreeAdditions(lane, cell) }
        if constants.pointee.layout.kind == .histogram { cell.allowQueuedValues(layout) }
        lane.pointee.lock.release()
        if needsSlowPath { offer(bits, series, context) }
    }

    /// Returns the bucket of a histogram with explicit buckets. It is looked for before the lock is held.
    @inline(__always)
    private func bucket(_ bits: UInt64) -> Int {
        constants.pointee.layout.kind == .histogram ? constants.pointee.buckets.index(of: double(bits)) : 0
    }

    /// Updates the cell of a series; must be called with the lane's lock held.
    ///
    /// - Parameters:
    ///   - found: the bucket of the measurement in a histogram with explicit buckets.
    ///   - removed: the attributes of the measurement that the series does not have.
    @inline(__always)
    private func update(
        _ lane: UnsafeMutablePointer<Lane>, _ cell: Cell, _ bits: UInt64, _ found: Int, _ context: Context?, removed: () -> Attributes?
    ) {
        lane.pointee.lock.assertHeld()
        let updates = cell.updates &+ 1
        cell.updates = updates
        let isExemplarDue: Bool
        var bucket: Int?
        switch constants.pointee.layout.kind {
        case .intSum:
            cell.add(Int64(bitPattern: bits))
            isExemplarDue = updates > cell.skipUntilCount
        case .histogram:
            let value = double(bits)
            assert(found >= 0 && found < constants.pointee.layout.bucketCount, "The bucket is one of the layout.")
            cell.record(value, inBucket: found, isFirst: updates == 1)
            if constants.pointee.layout.exemplars.isByBucket { bucket = found }
            if let slots = cell.exemplars, bucket != nil {
                isExemplarDue = cell.buckets[found] > slots[found].skipUntilCount
            } else {
                isExemplarDue = updates > cell.skipUntilCount
            }
        case .doubleSum, .intLast, .doubleLast, .exponential:
            updateOther(cell, bits)
            isExemplarDue = updates > cell.skipUntilCount
        }
        if isExemplarDue && constants.pointee.layout.exemplars.slotCount > 0 { lookForExemplar(cell, bucket, bits, removed(), context) }
    }

    /// Grants additions without the lock, up to the next look for an exemplar.
    ///
    /// Must be called with the lane's lock held.
    ///
    /// The granted measurements count as seen. Earlier additions move to where their overflow is noticed: see `BoundSums.grant`.
    @inline(never)
    private func grantLockFreeAdditions(_ lane: UnsafeMutablePointer<Lane>, _ cell: Cell) {
        lane.pointee.lock.assertHeld()
        assert(layout.kind == .intSum, "Only sums of whole numbers are added to without the lock.")
        let most = cell.updates + BoundSums.grant
        let limit = constants.pointee.layout.exemplars.slotCount > 0 ? min(cell.skipUntilCount, most) : most
        guard limit > cell.updates else { return }
        cell.moveBoundSum()
        cell.boundRemaining.pointee.store(Int64(limit - cell.updates), ordering: .relaxed)
        cell.updates = limit
    }

    @inline(never)
    private func updateOther(_ cell: Cell, _ bits: UInt64) {
        switch layout.kind {
        case .intSum, .histogram: break
        case .doubleSum: cell.double += Double(bitPattern: bits)
        case .intLast, .doubleLast:
            cell.bits = bits
            cell.sequence = store.sequence.wrappingAdd(1, ordering: .relaxed).newValue
        case .exponential: cell.allocatedExponential(layout).pointee.record(double(bits))
        }
    }

    @inline(__always)
    private func double(_ bits: UInt64) -> Double { constants.pointee.layout.double(bits) }
}

extension SeriesRecorder {
    /// Keeps the measurement as an exemplar if it is eligible, and sets how many are skipped.
    ///
    /// Must be called with the lane's lock held.
    @inline(never)
    private func lookForExemplar(_ cell: Cell, _ bucket: Int?, _ bits: UInt64, _ removed: Attributes?, _ context: Context?) {
        let takesAll = store.filter == .alwaysOn
        guard takesAll || SampledContexts.mayExist else { return skip(cell, bucket, mayBeSampled: false) }
        let spanContext = (context ?? .current).spanContext
        guard takesAll || spanContext.flags.contains(.sampled) else { return skip(cell, bucket, mayBeSampled: true) }
        let random = RandomLanes.shared.number()
        let offer = ExemplarOffer(
            value: bits, nanoseconds: store.clock.monotonicNanoseconds(), spanContext: spanContext.isValid ? spanContext : nil,
            filtered: removed)
        let slots = cell.allocatedExemplarSlots(layout)
        if let bucket {
            assert(slots.indices.contains(bucket), "There is a slot for each bucket.")
            ExemplarSampling.keep(
                offer, inBucket: slots.baseAddress.unsafelyUnwrapped + bucket, count: cell.buckets[bucket], random: random)
        } else {
            cell.skipUntilCount = ExemplarSampling.keep(offer, in: slots, count: cell.updates, random: random)
        }
    }

    /// Sets how many measurements are skipped after one that was not eligible.
    private func skip(_ cell: Cell, _ bucket: Int?, mayBeSampled: Bool) {
        if let bucket, let slots = cell.exemplars {
            slots[bucket].skipUntilCount = ExemplarSampling.skipUntilCount(
                afterSeeing: cell.buckets[bucket], leastDraw: slots[bucket].draw, mayBeSampled: mayBeSampled)
        } else {
            let draw = cell.exemplarSlots(layout).map { ExemplarSampling.leastDraw(in: $0) } ?? 0
            cell.skipUntilCount = ExemplarSampling.skipUntilCount(
                afterSeeing: cell.updates, leastDraw: draw, mayBeSampled: mayBeSampled)
        }
    }

    /// Records a measurement that gets attributes of its context, whose attributes a view filters, or whose exemplars a custom reservoir keeps.
    @inline(never)
    private func recordOnSlowPath(_ bits: UInt64, _ entries: SeriesEquality.Entries, _ context: Context?) {
        let extras = store.contextAttributes == .none ? nil : (context ?? .current).node?.extras
        guard let extras, let scoped = store.contextAttributes.attributes(of: extras) else {
            return recordFiltered(bits, entries, context)
        }
        // The measurement's own value of a key counts.
        scoped.merging(Attributes(unchecked: Array(entries))).withEntries { recordFiltered(bits, $0, context) }
    }

    private func recordFiltered(_ bits: UInt64, _ entries: SeriesEquality.Entries, _ context: Context?) {
        guard store.configuration.filter != nil || store.usesCustomReservoirs else { return recordAll(bits, entries, context) }
        let attributes = Attributes(unchecked: Array(entries))
        let (kept, removed) = store.configuration.filter?.apply(to: attributes) ?? (attributes.canonical, [:])
        let reservoir = record(bits, kept, removed: removed.isEmpty ? nil : removed, context)
        if let reservoir { offer(bits, attributes, context, to: reservoir) }
    }

    /// Records a measurement whose series was not found.
    @inline(never)
    private func recordUnknown(_ bits: UInt64, _ attributes: Attributes, _ context: Context?) {
        _ = record(bits, attributes.canonical, removed: nil, context)
    }

    /// Records a measurement and makes its series if it is new; returns the custom reservoir of the series.
    ///
    /// - Parameter attributes: the attributes of the series, in canonical form.
    private func record(
        _ bits: UInt64, _ attributes: Attributes, removed: Attributes?, _ context: Context?
    ) -> (any ExemplarReservoir)? {
        let attributes = attributes.canonical
        let (hash, bucket) = (constants.pointee.hash.hash(of: attributes), self.bucket(bits))
        let lane = self.lane
        lane.pointee.lock.acquire()
        var record = lane.pointee.find(hash, attributes)
        if record == nil && !lane.pointee.isFull {
            lane.pointee.lock.release()
            store.makeSeries(hash, attributes)
            lane.pointee.lock.acquire()
            record = lane.pointee.find(hash, attributes)
        }
        defer { lane.pointee.lock.release() }
        guard let record else {
            // The overflow series has none of the attributes.
            update(lane, cell(lane, SeriesStore.overflowNumber), bits, bucket, context) { attributes.merging(removed ?? [:]) }
            return nil
        }
        update(lane, cell(lane, record.pointee.number), bits, bucket, context) { removed }
        return record.pointee.reservoir
    }

    /// Returns the cell of a series; must be called with the lane's lock held.
    private func cell(_ lane: UnsafeMutablePointer<Lane>, _ number: Int) -> Cell {
        lane.pointee.lock.assertHeld()
        return Cell(lane.pointee.cells.cell(number))
    }

    @inline(never)
    private func offer(_ bits: UInt64, _ series: Unmanaged<BoundSeries>, _ context: Context?) {
        let series = series.takeUnretainedValue()
        if let reservoir = series.reservoir { offer(bits, series.measured, context, to: reservoir) }
    }

    /// Offers a measurement to a custom reservoir; must be called without a lock held.
    private func offer(_ bits: UInt64, _ attributes: Attributes, _ context: Context?, to reservoir: any ExemplarReservoir) {
        let context = context ?? .current
        guard store.filter == .alwaysOn || context.spanContext.flags.contains(.sampled) else { return }
        reservoir.offer(layout.number(bits), attributes: attributes, context: context, time: store.clock.now)
    }
}

extension SeriesStore.Lane {
    /// Returns the record of attributes in canonical form; must be called with the lane's lock held.
    fileprivate func find(_ hash: UInt64, _ attributes: Attributes) -> UnsafeMutablePointer<SeriesRecord>? {
        lock.assertHeld()
        return attributes.withEntries { entries in slots.find(hash, entries) }
    }
}
