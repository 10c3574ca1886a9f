// Hot: finds spans by their identifiers.

/// Places of spans by identifier; of several spans with the same one the first is kept.
struct SpanIDTable {
    struct Place {
        let block: Int32
        let row: Int32
    }

    private var ids: [UInt64]
    private var places: [Place]
    private(set) var count = 0

    init(capacity: Int) {
        var size = 64
        while size < capacity * 2 { size *= 2 }
        ids = [UInt64](repeating: 0, count: size)
        places = [Place](repeating: Place(block: 0, row: 0), count: size)
    }

    /// Adds a span; returns false if its identifier was there already.
    @inline(__always)
    mutating func add(_ id: UInt64, block: Int, row: Int) -> Bool {
        assert(count * 2 <= ids.count && id != 0, "The table has room, and spans have identifiers.")
        var place = Int(truncatingIfNeeded: ByteHash.hash(id)) & (ids.count &- 1)
        while ids[place] != 0 {
            if ids[place] == id { return false }
            place = (place &+ 1) & (ids.count &- 1)
        }
        ids[place] = id
        places[place] = Place(block: Int32(truncatingIfNeeded: block), row: Int32(truncatingIfNeeded: row))
        count += 1
        return true
    }

    @inline(__always)
    func find(_ id: UInt64) -> Place? {
        guard id != 0 else { return nil }
        var place = Int(truncatingIfNeeded: ByteHash.hash(id)) & (ids.count &- 1)
        while ids[place] != 0 {
            if ids[place] == id { return places[place] }
            place = (place &+ 1) & (ids.count &- 1)
        }
        return nil
    }
}
