// Hot: the hash table of a store.

import Synchronization

/// A hash table with open addressing, which threads read while one thread adds to it.
///
/// Readers must hold the lock of their lane. A writer that replaces the slots or removes a record takes each lane's lock once before it
/// frees anything, so that no reader of the old memory remains: hence `@unchecked Sendable`.
struct SeriesSlots: @unchecked Sendable {
    private struct Slot: ~Copyable {
        /// Written before the record, and read after it.
        var hash: UInt64
        let record: Atomic<UnsafeMutablePointer<SeriesRecord>?>
    }

    private let slots: UnsafeMutablePointer<Slot>
    let mask: Int

    /// - Parameter capacity: a power of two.
    init(capacity: Int) {
        assert(capacity > 0 && capacity & (capacity - 1) == 0, "The capacity is a power of two.")
        slots = .allocate(capacity: capacity)
        for index in 0..<capacity { (slots + index).initialize(to: Slot(hash: 0, record: Atomic(nil))) }
        mask = capacity - 1
    }

    func deallocate() {
        slots.deinitialize(count: mask + 1)
        slots.deallocate()
    }

    @inline(__always)
    func find(_ hash: UInt64, _ entries: SeriesEquality.Entries) -> UnsafeMutablePointer<SeriesRecord>? {
        var place = Int(truncatingIfNeeded: hash) & mask
        while let record = slots[place].record.load(ordering: .acquiring) {
            if slots[place].hash == hash && SeriesEquality.areSame(record.pointee.entries, entries) { return record }
            place = (place &+ 1) & mask
        }
        return nil
    }

    /// Adds a new record; at least a quarter of the slots must stay empty.
    func insert(_ record: UnsafeMutablePointer<SeriesRecord>) {
        assert(find(record.pointee.hash, record.pointee.entries) == nil, "A series has one record.")
        var place = Int(truncatingIfNeeded: record.pointee.hash) & mask
        while slots[place].record.load(ordering: .relaxed) != nil { place = (place + 1) & mask }
        slots[place].hash = record.pointee.hash
        slots[place].record.store(record, ordering: .releasing)
    }
}
