// Hot: adds integers to a bound series without a lock.

import Synchronization

/// The sums of one series in all lanes, which are added to without a lock.
///
/// No addition is lost. A count of the measurements until one is looked at for an exemplar may be: the next look then comes a little later.
/// The first measurement after a collection takes the lock, so that the cell shows that it has new measurements.
struct BoundSums: Sendable {
    /// How many measurements are added before one takes the lock again.
    ///
    /// That one moves their sum to where overflow is noticed.
    ///
    /// Each is less than 2³², so their sum is less than 2⁵²: some two thousand times less than what could overflow, should threads that
    /// meet in a lane lose whole grants from the count.
    static let grant: UInt64 = 1 << 20

    private let sums: ProcessorSums
    /// Numbers from `least` on, `span` of them, are added without a lock.
    ///
    /// Larger ones could overflow the sum between two collections; others are refused.
    private let least: Int64
    private let span: UInt64

    init?(_ store: SeriesStore, _ number: Int) {
        guard let numbers = Self.numbers(of: store) else { return nil }
        (least, span) = numbers
        sums = ProcessorSums(
            (0..<store.laneCount).map { index in
                store.lanes[index].lock.acquire()
                defer { store.lanes[index].lock.release() }
                return UnsafeMutableRawPointer(Cell(store.lanes[index].cells.cell(number)).boundSum)
            })
    }

    func deallocate() { sums.deallocate() }

    /// Returns the numbers that are added to sums of a store without a lock; nil if the store has no such sums.
    private static func numbers(of store: SeriesStore) -> (least: Int64, span: UInt64)? {
        guard store.layout.kind == .intSum, !store.usesCustomReservoirs else { return nil }
        // For monotonic sums, zero takes the lock: it counts as a measurement, which the sum alone does not show.
        let least: Int64 = store.configuration.kind.isMonotonic ? 1 : -0xFFFF_FFFF
        return (least, UInt64(0xFFFF_FFFF - least))
    }

    /// Returns the least number that is added to sums of a store in a restartable sequence, and how many such numbers there are; nil if the
    /// store has no such sums, or additions are atomic.
    static func restartableNumbers(of store: SeriesStore) -> (least: Int64, count: UInt64)? {
        ProcessorSums.areRestartable ? numbers(of: store).map { ($0.least, $0.span + 1) } : nil
    }

    /// Adds a number as ``ProcessorSums/addOnProcessor(_:)`` does; returns false if the measurement must be recorded otherwise.
    ///
    /// Must be called only for one of the ``restartableNumbers(of:)``.
    @inline(__always)
    func addRestartably(_ number: Int64) -> Bool {
        assert(UInt64(bitPattern: number &- least) <= span, "A number that could overflow the sum takes the lock.")
        return sums.addOnProcessor(number)
    }

    /// Adds a number where additions are atomic; returns false if the measurement must take the lock.
    func addAtomically(_ number: Int64) -> Bool { UInt64(bitPattern: number &- least) <= span && sums.addAtomically(number) }
}
