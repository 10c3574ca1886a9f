// Hot: the entry of a series in the slots of a store.

/// The entry of a series in the table: integers and pointers, so that reading it counts no reference.
struct SeriesRecord {
    let hash: UInt64
    /// The number of its cells in every lane.
    let number: Int
    /// A copy of the attributes that is reached without a reference count.
    let entries: SeriesEquality.Entries
    /// The time of the first measurement on the monotonic clock.
    let startNanoseconds: UInt64
    /// The handles bound to the series, which is kept while there are any.
    var bindings = 0
    private let keptSeries: Unmanaged<Series>
    private let details: Unmanaged<SeriesDetails>

    @inline(__always)
    var series: Series { keptSeries.takeUnretainedValue() }

    /// The custom reservoir of the series; nil if the store keeps the exemplars.
    var reservoir: (any ExemplarReservoir)? { details.takeUnretainedValue().reservoir }

    static func make(
        hash: UInt64, number: Int, attributes: Attributes, startNanoseconds: UInt64, reservoir: (any ExemplarReservoir)?
    ) -> UnsafeMutablePointer<SeriesRecord> {
        let entries = attributes.withEntries { given in
            let copy = UnsafeMutableBufferPointer<(String, AttributeValue)>.allocate(capacity: given.count)
            let end = copy.initialize(fromContentsOf: given)
            assert(end == copy.endIndex, "All entries are copied.")
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

/// The objects of a series, which the record keeps alive.
private final class SeriesDetails: Sendable {
    let series: Series
    let reservoir: (any ExemplarReservoir)?

    init(series: Series, reservoir: (any ExemplarReservoir)?) {
        self.series = series
        self.reservoir = reservoir
    }
}
