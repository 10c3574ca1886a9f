// The series of a stream by number, and the slots that find them.

/// All series of a stream by number; number 0 is the overflow series.
struct SeriesRegistry {
    let limit: Int
    /// Nil for removed series and for the overflow series.
    private(set) var records: [UnsafeMutablePointer<SeriesRecord>?] = [nil]
    private var freeNumbers: [Int] = []
    private(set) var slots = SeriesSlots(capacity: 16)
    private(set) var count = 0

    init(limit: Int) {
        self.limit = limit
    }

    var isFull: Bool { count >= limit }

    func find(_ hash: UInt64, _ attributes: Attributes) -> UnsafeMutablePointer<SeriesRecord>? {
        attributes.withEntries { entries in slots.find(hash, entries) }
    }

    /// Whether another series needs more slots: a quarter of them stays empty.
    private var needsLargerSlots: Bool { (count + 1) * 4 > (slots.mask + 1) * 3 }

    /// Adds a new series; returns replaced slots, which must be freed when no lane reads them.
    mutating func add(
        hash: UInt64, attributes: Attributes, startNanoseconds: UInt64, reservoir: (any ExemplarReservoir)?
    ) -> SeriesSlots? {
        let number = freeNumbers.popLast() ?? records.count
        let record = SeriesRecord.make(
            hash: hash, number: number, attributes: attributes, startNanoseconds: startNanoseconds, reservoir: reservoir)
        if number == records.count { records.append(record) } else { records[number] = record }
        var replaced: SeriesSlots?
        if needsLargerSlots {
            replaced = slots
            slots = SeriesSlots(capacity: (slots.mask + 1) * 2)
            for other in records { if let other, other != record { slots.insert(other) } }
        }
        slots.insert(record)
        count += 1
        assert(count * 4 <= (slots.mask + 1) * 3, "A quarter of the slots is empty, so that every search ends.")
        return replaced
    }

    /// Removes series from the slots and returns the replaced slots. The records stay until they are freed.
    mutating func hide(_ numbers: Set<Int>) -> SeriesSlots {
        let replaced = slots
        slots = SeriesSlots(capacity: replaced.mask + 1)
        for record in records { if let record, !numbers.contains(record.pointee.number) { slots.insert(record) } }
        return replaced
    }

    /// Restores a hidden series.
    func restore(_ number: Int) {
        if let record = records[number] { slots.insert(record) }
    }

    /// Frees a hidden series and its number.
    mutating func free(_ number: Int) {
        guard let record = records[number] else { return }
        assert(record.pointee.bindings == 0, "A series that a handle is bound to is not freed.")
        SeriesRecord.free(record)
        records[number] = nil
        freeNumbers.append(number)
        count -= 1
    }

    func deallocate() {
        for record in records { if let record { SeriesRecord.free(record) } }
        slots.deallocate()
    }
}
