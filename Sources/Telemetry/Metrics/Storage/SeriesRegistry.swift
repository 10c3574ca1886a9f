// Numbers, records and slots of the series of a stream, as a value without locks.

/// All series of a stream, by number; the first is the one that takes what is beyond the limit.
struct SeriesRegistry {
    let limit: Int
    /// Nil where a series was taken away, and for the overflow.
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

    /// Whether another series needs larger slots: a quarter of them stays empty.
    private var needsLargerSlots: Bool { (count + 1) * 4 > (slots.mask + 1) * 3 }

    /// Adds a series that is not there; returns slots that have been replaced, which are to be freed once nobody sees them.
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
        return replaced
    }

    /// Takes series out of the slots; returns the slots that have been replaced. The records stay until they are freed.
    mutating func hide(_ numbers: Set<Int>) -> SeriesSlots {
        let replaced = slots
        slots = SeriesSlots(capacity: replaced.mask + 1)
        for record in records { if let record, !numbers.contains(record.pointee.number) { slots.insert(record) } }
        return replaced
    }

    /// Puts a hidden series back.
    func show(_ number: Int) {
        if let record = records[number] { slots.insert(record) }
    }

    /// Frees a hidden series and its number.
    mutating func free(_ number: Int) {
        guard let record = records[number] else { return }
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
