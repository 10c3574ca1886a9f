// Hot: the entry of a series in the slots of a store.

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
