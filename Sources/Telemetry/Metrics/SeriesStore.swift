// Hot: takes the measurements of one stream, each processor in memory of its own.

import Synchronization

/// The measurements of one stream: a table of its series, and cells for each of them in one lane a processor.
///
/// A lane's lock guards its cells and its view of the table, so that recording takes one lock that hardly anybody else wants.
/// Collecting takes it too, for a few cells at a time.
///
/// `@unchecked`: lanes are touched under their locks, the registry under its mutex, and all else is constant.
final class SeriesStore: @unchecked Sendable {
    /// Two cache lines for each processor: neighbours are fetched together.
    struct Lane: ~Copyable {
        let lock = BriefLock()
        /// Whether there is no room for further series: what is not found is counted together.
        var isFull = false
        var slots: SeriesSlots
        let cells: CellArray
        private let padding = InlineArray<10, UInt64>(repeating: 0)

        init(slots: SeriesSlots, cells: CellArray) {
            self.slots = slots
            self.cells = cells
        }
    }

    let configuration: StreamConfiguration
    let descriptor: MetricDescriptor
    let layout: CellLayout
    let filter: ExemplarFilter
    let clock: TelemetryClock
    /// When the stream began.
    let startNanoseconds: UInt64
    let lanes: UnsafeMutablePointer<Lane>
    let laneCount = ProcessorLane.count
    let registry: Mutex<SeriesRegistry>
    let readers = Mutex(StoreReaders())
    private let processor = ProcessorLane()
    private let hash = SeriesHash.shared
    private let random = RandomLanes.shared
    private let buckets: ExplicitBuckets
    /// Whether exemplars are kept by reservoirs that somebody else has made.
    private let hasReservoirs: Bool
    /// Orders last values across lanes.
    private let sequence = Atomic<UInt64>(0)

    /// What takes the measurements beyond the limit: always there, and told of only when it has some.
    static let overflowNumber = 0

    init(_ configuration: StreamConfiguration, filter: ExemplarFilter, clock: TelemetryClock) {
        self.configuration = configuration
        self.filter = filter
        self.clock = clock
        startNanoseconds = clock.wallNanoseconds()
        descriptor = MetricDescriptor(name: configuration.name, unit: configuration.unit, description: configuration.description)
        layout = CellLayout(configuration, filter: filter)
        buckets = ExplicitBuckets(boundaries: configuration.aggregation.boundaries)
        hasReservoirs = configuration.makesReservoirs && filter != .alwaysOff
        let table = SeriesRegistry(limit: configuration.cardinalityLimit)
        lanes = .allocate(capacity: laneCount)
        for index in 0..<laneCount {
            (lanes + index).initialize(to: Lane(slots: table.slots, cells: CellArray(stride: layout.stride)))
        }
        registry = Mutex(table)
    }

    deinit {
        let count = registry.withLock { registry in
            registry.deallocate()
            return registry.records.count
        }
        for index in 0..<laneCount { Self.free(lanes[index].cells, count, layout) }
        readers.withLock { readers in
            for slot in readers.slots { Self.free(slot.cells, count, layout) }
        }
        buckets.deallocate()
        lanes.deinitialize(count: laneCount)
        lanes.deallocate()
    }

    private static func free(_ cells: CellArray, _ count: Int, _ layout: CellLayout) {
        for number in 0..<count { cells.existing(number).map { Cell($0).deinitialize(layout) } }
        cells.deallocate()
    }

    /// Takes one measurement.
    @inline(__always)
    func record(_ bits: UInt64, _ attributes: Attributes, _ context: Context?) {
        if configuration.filter != nil { return recordFiltered(bits, attributes, context) }
        attributes.withEntries { entries, areInOrder in
            let outcome = hash.hash(entries)
            if outcome.mayNeedOrder && !areInOrder { return recordInOrder(bits, attributes, context) }
            let lane = lanes + (processor.current & (laneCount &- 1))
            lane.pointee.lock.acquire()
            if let record = lane.pointee.slots.find(outcome.hash, entries) {
                update(lane, record.pointee.number, bits, nil, context)
                let reservoir = hasReservoirs ? record.pointee.reservoir : nil
                lane.pointee.lock.release()
                if let reservoir { offer(bits, attributes, context, to: reservoir) }
            } else {
                lane.pointee.lock.release()
                recordUnknown(bits, outcome.hash, attributes, nil, context)
            }
        }
    }

    /// Takes one measurement of a series that a handle was bound to.
    @inline(__always)
    func record(_ bits: UInt64, _ series: BoundSeries, _ context: Context?) {
        let lane = lanes + (processor.current & (laneCount &- 1))
        lane.pointee.lock.acquire()
        update(lane, series.number, bits, series.removed, context)
        lane.pointee.lock.release()
        if hasReservoirs, let reservoir = series.reservoir { offer(bits, series.measured, context, to: reservoir) }
    }

    /// The lane's lock is held.
    @inline(__always)
    private func update(_ lane: UnsafeMutablePointer<Lane>, _ number: Int, _ bits: UInt64, _ removed: Attributes?, _ context: Context?) {
        let cell = Cell(lane.pointee.cells.cell(number))
        let updates = cell.updates &+ 1
        cell.updates = updates
        switch layout.kind {
        case .intSum: cell.int &+= Int64(bitPattern: bits)
        case .doubleSum: cell.double += Double(bitPattern: bits)
        case .intLast, .doubleLast:
            cell.bits = bits
            cell.sequence = sequence.wrappingAdd(1, ordering: .relaxed).newValue
        case .histogram:
            let value = double(bits)
            let bucket = buckets.index(of: value)
            cell.record(value, inBucket: bucket, isFirst: updates == 1)
            if layout.exemplars.isByBucket {
                let isDue =
                    if let slots = cell.exemplars { cell.buckets[bucket] > slots[bucket].passOver } else { updates > cell.passOver }
                if isDue { lookForExemplar(cell, bucket, bits, removed, context) }
                return
            }
        case .exponential: cell.madeExponential(layout).pointee.record(double(bits))
        }
        if layout.exemplars.slotCount > 0 && updates > cell.passOver { lookForExemplar(cell, nil, bits, removed, context) }
    }

    @inline(__always)
    private func double(_ bits: UInt64) -> Double {
        layout.isFloatingPoint ? Double(bitPattern: bits) : Double(Int64(bitPattern: bits))
    }
}

extension SeriesStore {
    /// Keeps the measurement as an exemplar if it is one, and decides how many are passed over. The lane's lock is held.
    @inline(never)
    private func lookForExemplar(_ cell: Cell, _ bucket: Int?, _ bits: UInt64, _ removed: Attributes?, _ context: Context?) {
        let spanContext = (context ?? .current).spanContext
        guard filter == .alwaysOn || spanContext.flags.contains(.sampled) else { return passOver(cell, bucket) }
        let offer = ExemplarOffer(
            value: bits, nanoseconds: clock.wallNanoseconds(), spanContext: spanContext.isValid ? spanContext : nil, filtered: removed)
        let slots = cell.madeExemplars(layout)
        if let bucket {
            ExemplarSampling.keep(
                offer, inBucket: slots.baseAddress.unsafelyUnwrapped + bucket, count: cell.buckets[bucket], random: random.number())
        } else {
            cell.passOver = ExemplarSampling.keep(offer, in: slots, count: cell.updates, random: random.number())
        }
    }

    private func passOver(_ cell: Cell, _ bucket: Int?) {
        if let bucket, let slots = cell.exemplars {
            let count = cell.buckets[bucket]
            slots[bucket].passOver = ExemplarSampling.passOver(afterSeeing: count, least: slots[bucket].draw, random: random.number())
        } else {
            let draw = cell.exemplarSlots(layout).map { ExemplarSampling.leastDraw(in: $0) } ?? 0
            cell.passOver = ExemplarSampling.passOver(afterSeeing: cell.updates, least: draw, random: random.number())
        }
    }

    /// Offers a measurement to a reservoir that somebody else has made; no lock is held.
    @inline(never)
    private func offer(_ bits: UInt64, _ attributes: Attributes, _ context: Context?, to reservoir: any ExemplarReservoir) {
        let context = context ?? .current
        guard filter == .alwaysOn || context.spanContext.flags.contains(.sampled) else { return }
        reservoir.offer(layout.number(bits), attributes: attributes, context: context, time: clock.now)
    }

    /// Takes a measurement whose attributes a view cuts down.
    @inline(never)
    private func recordFiltered(_ bits: UInt64, _ attributes: Attributes, _ context: Context?) {
        guard let filter = configuration.filter else { return }
        let (kept, removed) = filter.apply(to: attributes)
        recordUnknown(bits, hash.hash(of: kept), kept, removed.isEmpty ? nil : removed, context)
    }

    @inline(never)
    private func recordInOrder(_ bits: UInt64, _ attributes: Attributes, _ context: Context?) {
        let attributes = attributes.canonical
        recordUnknown(bits, hash.hash(of: attributes), attributes, nil, context)
    }

    /// Takes a measurement whose series may have to be made first. The attributes are those of the series.
    @inline(never)
    private func recordUnknown(_ bits: UInt64, _ hash: UInt64, _ attributes: Attributes, _ removed: Attributes?, _ context: Context?) {
        let attributes = attributes.canonical
        let lane = lanes + (processor.current & (laneCount &- 1))
        lane.pointee.lock.acquire()
        var record = lane.pointee.find(hash, attributes)
        if record == nil && !lane.pointee.isFull {
            lane.pointee.lock.release()
            makeSeries(hash, attributes)
            lane.pointee.lock.acquire()
            record = lane.pointee.find(hash, attributes)
        }
        // On the overflow series stand none of the attributes.
        let number = record?.pointee.number ?? Self.overflowNumber
        let beyond = record == nil ? attributes.merging(removed ?? [:]) : removed
        update(lane, number, bits, beyond, context)
        let reservoir = record?.pointee.reservoir
        lane.pointee.lock.release()
        if let reservoir { offer(bits, attributes.merging(removed ?? [:]), context, to: reservoir) }
    }

    /// Finds or makes the series of a set of attributes, for a handle that keeps it.
    func bind(_ attributes: Attributes) -> BoundSeries {
        let (kept, removed) = configuration.filter?.apply(to: attributes) ?? (attributes.canonical, [:])
        let hash = hash.hash(of: kept)
        makeSeries(hash, kept)
        return registry.withLock { registry in
            guard let record = registry.find(hash, kept) else {
                return BoundSeries(number: Self.overflowNumber, removed: attributes.canonical, measured: attributes, reservoir: nil)
            }
            record.pointee.bindings += 1
            return BoundSeries(
                number: record.pointee.number, removed: removed.isEmpty ? nil : removed, measured: attributes,
                reservoir: record.pointee.reservoir)
        }
    }

    func unbind(_ series: BoundSeries) {
        guard series.number != Self.overflowNumber else { return }
        registry.withLock { $0.records[series.number]?.pointee.bindings -= 1 }
    }
}

extension SeriesStore.Lane {
    /// The record of attributes in their canonical form. The lane's lock is held.
    fileprivate func find(_ hash: UInt64, _ attributes: Attributes) -> UnsafeMutablePointer<SeriesRecord>? {
        attributes.withEntries { entries, _ in slots.find(hash, entries) }
    }
}

/// A series that a handle was bound to.
struct BoundSeries: Sendable {
    let number: Int
    /// What the handle's attributes have beyond those of the series.
    let removed: Attributes?
    /// All that the handle was bound to.
    let measured: Attributes
    let reservoir: (any ExemplarReservoir)?
}
