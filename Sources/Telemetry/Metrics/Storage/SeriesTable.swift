// The series of one stream, found by their attributes without a lock of its own.

import Synchronization

/// A series of a stream, as it is found: numbers and pointers only, so that looking at it counts no reference.
struct SeriesRecord {
    let hash: UInt64
    /// The number of its cells.
    let number: Int
    /// The attributes again, without a reference count on the way to them.
    let entries: SeriesEquality.Entries
    /// When it was measured first, on the monotonic clock.
    let startNanoseconds: UInt64
    /// Handles that were bound to it: as long as there are some, it stays.
    var bindings = 0
    private let keptSeries: Unmanaged<Series>
    private let details: Unmanaged<SeriesDetails>

    @inline(__always)
    var series: Series { keptSeries.takeUnretainedValue() }

    /// Made by the extension point in place of what the store keeps itself.
    var reservoir: (any ExemplarReservoir)? { details.takeUnretainedValue().reservoir }

    static func make(
        hash: UInt64, number: Int, attributes: Attributes, startNanoseconds: UInt64, reservoir: (any ExemplarReservoir)?
    ) -> UnsafeMutablePointer<SeriesRecord> {
        let entries = attributes.withEntries { given in
            let copy = UnsafeMutableBufferPointer<(String, AttributeValue)>.allocate(capacity: given.count)
            _ = copy.initialize(from: given)
            return UnsafeBufferPointer(copy)
        }
        let details = SeriesDetails(series: Series(attributes), reservoir: reservoir)
        let record = UnsafeMutablePointer<SeriesRecord>.allocate(capacity: 1)
        record.initialize(
            to: SeriesRecord(
                hash: hash, number: number, entries: entries, startNanoseconds: startNanoseconds,
                keptSeries: .passUnretained(details.series), details: .passRetained(details)))
        return record
    }

    static func free(_ record: UnsafeMutablePointer<SeriesRecord>) {
        let entries = UnsafeMutableBufferPointer(mutating: record.pointee.entries)
        entries.deinitialize()
        entries.deallocate()
        record.pointee.details.release()
        record.deallocate()
    }
}

/// What a series has beyond what it is found by; it keeps the series alive.
private final class SeriesDetails: Sendable {
    let series: Series
    let reservoir: (any ExemplarReservoir)?

    init(series: Series, reservoir: (any ExemplarReservoir)?) {
        self.series = series
        self.reservoir = reservoir
    }
}

/// Hot: slots with open addressing, read by recording threads while one other thread adds to them.
///
/// Readers hold the lock of their lane. A writer that replaces the slots, or takes a record away, takes each lane's lock once
/// before it frees anything: who may have seen the old ones is done by then. That makes it `@unchecked Sendable`.
struct SeriesSlots: @unchecked Sendable {
    private struct Slot: ~Copyable {
        /// Written before the record, and so read after it.
        var hash: UInt64
        let record: Atomic<UnsafeMutablePointer<SeriesRecord>?>
    }

    private let slots: UnsafeMutablePointer<Slot>
    let mask: Int

    /// - Parameter capacity: a power of two.
    init(capacity: Int) {
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

    /// Adds a record that is not there; at least a quarter of the slots stays empty.
    func insert(_ record: UnsafeMutablePointer<SeriesRecord>) {
        var place = Int(truncatingIfNeeded: record.pointee.hash) & mask
        while slots[place].record.load(ordering: .relaxed) != nil { place = (place + 1) & mask }
        slots[place].hash = record.pointee.hash
        slots[place].record.store(record, ordering: .releasing)
    }
}
