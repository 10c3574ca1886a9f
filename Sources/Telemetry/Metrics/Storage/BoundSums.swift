// Hot: adds integers to a bound series without a lock.

import Synchronization

/// The sums of one series in all lanes, which are added to without a lock.
///
/// The addition is atomic. The countdown of measurements until one is looked at for an exemplar is not: when two threads meet in a lane one
/// count may be lost, and the next look comes a little later. The first measurement after a collection takes the lock, so that the cell
/// shows that it has new measurements.
struct BoundSums: @unchecked Sendable {
    // Unchecked: the cells live as long as the store, and the two words used here are atomic.
    /// How many measurements are added before one takes the lock again.
    ///
    /// That one moves their sum to where overflow is noticed.
    ///
    /// Each is less than 2³², so their sum is less than 2⁵²: some two thousand times less than what could overflow, should threads that
    /// meet in a lane lose whole grants from the count.
    static let grant: UInt64 = 1 << 20

    private let cells: UnsafeMutablePointer<Cell>
    /// Numbers from `least` on, `span` of them, are added without a lock.
    ///
    /// Larger ones could overflow the sum between two collections; others are refused.
    private let least: Int64
    private let span: UInt64
    private let laneMask = ProcessorLane.count - 1
    private let processor = ProcessorLane()

    init?(_ store: SeriesStore, _ number: Int) {
        guard store.layout.kind == .intSum, !store.usesCustomReservoirs else { return nil }
        // For monotonic sums, zero takes the lock: it counts as a measurement, which the sum alone does not show.
        least = store.configuration.kind.isMonotonic ? 1 : -0xFFFF_FFFF
        span = UInt64(0xFFFF_FFFF - least)
        assert(store.laneCount == laneMask + 1, "There is a cell for each number that the mask leaves.")
        cells = .allocate(capacity: store.laneCount)
        for index in 0..<store.laneCount {
            store.lanes[index].lock.acquire()
            (cells + index).initialize(to: Cell(store.lanes[index].cells.cell(number)))
            store.lanes[index].lock.release()
        }
    }

    func deallocate() { cells.deallocate() }

    /// Adds a number; returns false if the measurement must take the lock.
    @inline(__always)
    func add(_ number: Int64) -> Bool {
        let cell = cells[processor.current & laneMask]
        let remaining = cell.boundRemaining.pointee.load(ordering: .relaxed)
        guard remaining > 0, UInt64(bitPattern: number &- least) <= span else { return false }
        cell.boundRemaining.pointee.store(remaining &- 1, ordering: .relaxed)
        cell.boundSum.pointee.wrappingAdd(number, ordering: .relaxed)
        return true
    }
}
