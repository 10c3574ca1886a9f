// The memory of a stream of a synchronous instrument, and its behaviour at forks.

import Synchronization

/// Aggregates one stream: a table of series, and for each processor a lane of cells.
///
/// A lane's lock guards its cells and its copy of the table, so recording takes one lock that is rarely contended. Collection takes it too,
/// for a few cells at a time.
///
/// `@unchecked`: lanes are used with their locks held, the registry with its own, and all else is constant.
final class SeriesStore: @unchecked Sendable {
    /// Fills pairs of cache lines, which processors fetch together.
    struct Lane: ~Copyable {
        // Not the lock: race detectors take a change of any field for one of the first field too.
        var slots: SeriesSlots
        let cells: CellArray
        var recent = RecentSeries()
        let lock = BriefLock()
        /// True while the limit is reached: measurements of unknown series then count as overflow.
        var isFull = false
        private let padding = InlineArray<8, UInt64>(repeating: 0)

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
    /// The attributes that measurements get from their context, before views and limits apply.
    let contextAttributes: ContextAttributeSelection
    /// The time of creation on the monotonic clock.
    let startNanoseconds: UInt64
    let lanes: UnsafeMutablePointer<Lane>
    let laneCount = ProcessorLane.count
    let registry: Locked<SeriesRegistry>
    let readers = Locked(StoreReaders())
    let buckets: ExplicitBuckets
    let overflowReport = OverflowReport()
    /// The next sequence number, which orders last values across lanes.
    let sequence = Atomic<UInt64>(0)

    /// The number of the overflow series, which always exists and has a point only with measurements.
    static let overflowNumber = 0

    init(
        _ configuration: StreamConfiguration, filter: ExemplarFilter, clock: TelemetryClock,
        contextAttributes: ContextAttributeSelection = .none
    ) {
        self.configuration = configuration
        self.filter = filter
        self.clock = clock
        self.contextAttributes = contextAttributes
        startNanoseconds = clock.monotonicNanoseconds()
        descriptor = MetricDescriptor(name: configuration.name, unit: configuration.unit, description: configuration.description)
        layout = CellLayout(configuration, filter: filter)
        buckets = ExplicitBuckets(boundaries: configuration.aggregation.boundaries)
        let table = SeriesRegistry(limit: configuration.cardinalityLimit)
        lanes = .allocate(capacity: laneCount)
        assert(MemoryLayout<Lane>.stride >= 128, "Lanes share no pair of cache lines.")
        for index in 0..<laneCount {
            (lanes + index).initialize(to: Lane(slots: table.slots, cells: CellArray(stride: layout.stride)))
        }
        registry = Locked(table)
        ForkGate.add(self)
    }

    deinit {
        ForkGate.remove(self)
        let count = registry.withLock { registry in
            registry.deallocate()
            return registry.records.count
        }
        for index in 0..<laneCount {
            Self.free(lanes[index].cells, count, layout)
            lanes[index].recent.deallocate()
        }
        readers.withLock { readers in
            for slot in readers.slots { Self.free(slot.cells, count, layout) }
        }
        buckets.deallocate()
        lanes.deinitialize(count: laneCount)
        lanes.deallocate()
    }

    private static func free(_ cells: CellArray, _ count: Int, _ layout: CellLayout) {
        assert(cells.stride == layout.stride, "The cells are of the layout.")
        for number in 0..<count { cells.existing(number).map { Cell($0).deinitialize(layout) } }
        cells.deallocate()
    }
}

extension SeriesStore {
    /// Whether custom reservoirs keep the exemplars.
    var usesCustomReservoirs: Bool { configuration.usesCustomReservoir && filter != .alwaysOff }
}

extension SeriesStore: ForkParticipant {
    func tryHoldLocks() -> Bool {
        for index in 0..<laneCount where !lanes[index].lock.tryAcquire() {
            for held in 0..<index { lanes[held].lock.release() }
            return false
        }
        return true
    }

    func releaseLocks() {
        for index in 0..<laneCount { lanes[index].lock.release() }
    }

    /// The child continues from the measurements of the parent.
    func becomeChild(isWhole: Bool) {
        if isWhole { return releaseLocks() }
        // Lanes that may be half changed are abandoned.
        let slots = registry.withLock { $0.slots }
        for index in 0..<laneCount { (lanes + index).initialize(to: Lane(slots: slots, cells: CellArray(stride: layout.stride))) }
    }
}

/// The state of one reader of a store.
struct StoreReader: Sendable {
    let temporality: Temporality
    let cells: CellArray
    /// The time of the last collection, at first of the store's creation, on the monotonic clock.
    var lastNanoseconds: UInt64
    /// Whether cells have changed since the last collection of the reader.
    var hasNewMeasurements = false
    /// The points of the last collection, where the reader may keep them.
    var keptPoints: KeptPoints?

    /// Reports whether a series has measurements that the reader has not exported.
    func hasNewMeasurements(_ number: Int) -> Bool { cells.existing(number).map { Cell($0).updates > 0 } ?? false }
}

/// The readers of a store; must be locked during a collection.
struct StoreReaders: Sendable {
    var slots: [StoreReader] = []

    var areAllDelta: Bool { slots.allSatisfy { $0.temporality == .delta } }
}
