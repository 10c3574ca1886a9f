// Aggregation for synchronous instruments: lanes that threads record into, and readers that collect from them.

import Synchronization

/// The measurements of one stream: a table of its series, and cells for each of them in one lane a processor.
///
/// A lane's lock guards its cells and its view of the table, so that recording takes one lock that hardly anybody else wants.
/// Collecting takes it too, for a few cells at a time.
///
/// `@unchecked`: lanes are touched under their locks, the registry under its own, and all else is constant.
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
    /// When the stream began, on the monotonic clock.
    let startNanoseconds: UInt64
    let lanes: UnsafeMutablePointer<Lane>
    let laneCount = ProcessorLane.count
    let registry: Locked<SeriesRegistry>
    let readers = Locked(StoreReaders())
    let buckets: ExplicitBuckets
    let overflowReport = OverflowReport()
    /// Orders last values across lanes.
    let sequence = Atomic<UInt64>(0)

    /// What takes the measurements beyond the limit: always there, and told of only when it has some.
    static let overflowNumber = 0

    init(_ configuration: StreamConfiguration, filter: ExemplarFilter, clock: TelemetryClock) {
        self.configuration = configuration
        self.filter = filter
        self.clock = clock
        startNanoseconds = clock.monotonicNanoseconds()
        descriptor = MetricDescriptor(name: configuration.name, unit: configuration.unit, description: configuration.description)
        layout = CellLayout(configuration, filter: filter)
        buckets = ExplicitBuckets(boundaries: configuration.aggregation.boundaries)
        let table = SeriesRegistry(limit: configuration.cardinalityLimit)
        lanes = .allocate(capacity: laneCount)
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
}

extension SeriesStore {
    /// Whether exemplars are kept by reservoirs that somebody else has made.
    var hasReservoirs: Bool { configuration.makesReservoirs && filter != .alwaysOff }
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

    /// The child goes on from what the parent has measured.
    func becomeChild(isWhole: Bool) {
        if isWhole { return releaseLocks() }
        // What may be half changed is left where it is.
        let slots = registry.withLock { $0.slots }
        for index in 0..<laneCount { (lanes + index).initialize(to: Lane(slots: slots, cells: CellArray(stride: layout.stride))) }
    }
}

/// What one reader has of a store.
struct StoreReader: Sendable {
    let temporality: Temporality
    let cells: CellArray
    /// When the reader last collected changes, or when the stream began; on the monotonic clock.
    var lastNanoseconds: UInt64

    /// Whether there is something that the reader has not been told.
    func hasNews(_ number: Int) -> Bool { cells.existing(number).map { Cell($0).updates > 0 } ?? false }
}

/// The readers of a store; whoever collects has them locked.
struct StoreReaders: Sendable {
    var slots: [StoreReader] = []

    var areAllDelta: Bool { slots.allSatisfy { $0.temporality == .delta } }
}
