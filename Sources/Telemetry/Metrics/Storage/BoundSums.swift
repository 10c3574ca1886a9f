// Hot: adding to the sums of a bound series without a lock.

import Synchronization

/// The sums of one series in all lanes, added to without a lock.
///
/// Adding to the sum is atomic. How many measurements may pass before one has to be looked at for an exemplar is not counted
/// down atomically: when two threads meet in a lane one count may be lost, which only has the next look come a little later.
/// The first measurement after a collection goes the long way, so that the cell tells that it has news.
struct BoundSums: @unchecked Sendable {
    // Unchecked: the cells live as long as the store, and these two words of theirs are atomic.
    /// How many measurements may pass before the lock is taken again and their sum is moved to where overflow is noticed.
    ///
    /// Each is less than 2³², so that what passes is less than 2⁵²: some two thousand times as much as could overflow, should threads that
    /// meet in a lane lose whole grants from the count.
    static let grant: UInt64 = 1 << 20

    private let cells: UnsafeMutablePointer<Cell>
    /// What is added without a lock: numbers from `least` on, so many of them. Those beyond could overflow the sum between two
    /// collections, or are refused.
    private let least: Int64
    private let span: UInt64
    private let laneMask = ProcessorLane.count - 1
    private let processor = ProcessorLane()

    init?(_ store: SeriesStore, _ number: Int) {
        guard store.layout.kind == .intSum, !store.hasReservoirs else { return nil }
        // Nothing added is a measurement, too, though the sum would not tell.
        least = store.configuration.kind.isMonotonic ? 1 : -0xFFFF_FFFF
        span = UInt64(0xFFFF_FFFF - least)
        cells = .allocate(capacity: store.laneCount)
        for index in 0..<store.laneCount {
            store.lanes[index].lock.acquire()
            (cells + index).initialize(to: Cell(store.lanes[index].cells.cell(number)))
            store.lanes[index].lock.release()
        }
    }

    func deallocate() { cells.deallocate() }

    /// Adds a number; false when the measurement has to go the long way.
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
